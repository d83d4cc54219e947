# SPDX-License-Identifier: Apache-2.0
"""Refuses bodies longer than [oslo_middleware] max_request_body_size; oslo.middleware does it.

Requests that cannot have a body do not pay for the detour. Of a body that is not much too long
the rest is read, and thrown away: who is still sending would not hear the answer otherwise.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from oslo_middleware import sizelimit

from nova_lite.api import assembly

# Bytes of a refused body that are read nevertheless, at most.
DRAINED: Final = 8 << 20
_STEP: Final = 1 << 16
# The servers take what int() takes, with a sign, too.
_LENGTH: Final = re.compile("[0-9]{1,40}")


class SizeLimit:
    def __init__(self, app: Any, conf: Any) -> None:
        self._app = app
        self._conf = conf
        self._limited = sizelimit.RequestBodySizeLimiter(app, conf)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        given = environ.get("CONTENT_LENGTH")
        if given in (None, "", "0") and not environ.get("HTTP_TRANSFER_ENCODING"):
            return self._app(environ, start_response)
        if given and not _LENGTH.fullmatch(given):
            return bad_length(start_response)
        if given:
            length = int(given)
            if self._conf.oslo_middleware.max_request_body_size < length <= DRAINED:
                drain(environ["wsgi.input"], length)
        return self._limited(environ, start_response)


def bad_length(start_response: Callable[..., Any]) -> Iterable[bytes]:
    """400. To read so much would mean to wait until the other side goes."""
    body = b"Content-Length is not a number of bytes."
    headers = [("Content-Type", "text/plain; charset=UTF-8"), ("Content-Length", str(len(body)))]
    start_response("400 Bad Request", [*headers, ("Connection", "close")])
    return [body]


def drain(stream: Any, length: int) -> None:
    """Read so many bytes for nothing, or until the other side gives up."""
    try:
        while length > 0:
            read = len(stream.read(min(length, _STEP)))
            if not read:
                return
            length -= read
    except OSError:
        return


def filter_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[[Any], Any]:
    conf = assembly.parts().conf
    return lambda app: SizeLimit(app, conf)
