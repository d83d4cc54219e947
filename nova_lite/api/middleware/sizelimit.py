# SPDX-License-Identifier: Apache-2.0
"""Refuses bodies longer than [oslo_middleware] max_request_body_size; oslo.middleware does it.

Requests that cannot have a body do not pay for the detour.
"""

from collections.abc import Callable, Iterable
from typing import Any

from oslo_middleware import sizelimit

from nova_lite.api import assembly


class SizeLimit:
    def __init__(self, app: Any, conf: Any) -> None:
        self._app = app
        self._limited = sizelimit.RequestBodySizeLimiter(app, conf)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") in (None, "", "0") and not environ.get(
            "HTTP_TRANSFER_ENCODING"
        ):
            return self._app(environ, start_response)
        return self._limited(environ, start_response)


def filter_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[[Any], Any]:
    conf = assembly.parts().conf
    return lambda app: SizeLimit(app, conf)
