# SPDX-License-Identifier: Apache-2.0
"""The outermost layer: gives the request its id, and writes the access line."""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote

from nova_lite.api.dispatch import CONTEXT, REQUEST_ID, VERSION
from nova_lite.api.versions import negotiate
from nova_lite.base import clock, ids
from nova_lite.base import context as base_context
from nova_lite.base.context import RequestContext

LOG = logging.getLogger(__name__)

GLOBAL_ID: Final = "nova_lite.global_request_id"
_ID: Final = re.compile(
    r"req-[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
)

_TOKENS: Final = re.compile(r"(/os-console-auth-tokens/)[^/]+")


class RequestLog:
    """Sets `environ["nova_lite.request_id"]` and, where the caller sent a good one,
    `environ["nova_lite.global_request_id"]`; adds the id to the answer's headers."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        began = clock.monotonic()
        request_id = environ[REQUEST_ID] = ids.request_id()
        sent = environ.get("HTTP_X_OPENSTACK_REQUEST_ID")
        if sent and _ID.fullmatch(sent):
            environ[GLOBAL_ID] = sent
        seen: list[Any] = ["000", "-"]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            seen[0] = status[:3]
            for name, value in headers:
                if name == "Content-Length":
                    seen[1] = value
            headers = [
                *headers,
                ("x-openstack-request-id", request_id),
                ("x-compute-request-id", request_id),
            ]
            if exc_info is None:
                return start_response(status, headers)
            return start_response(status, headers, exc_info)

        try:
            return self._app(environ, start)
        finally:
            if LOG.isEnabledFor(logging.INFO):
                self._log(environ, seen[0], seen[1], clock.monotonic() - began)

    def _log(self, environ: dict[str, Any], status: str, length: str, seconds: float) -> None:
        context = environ.get(CONTEXT)
        if context is None:
            # nobody was let in: the line has no context, but an id to be found by
            context = RequestContext(request_id=environ[REQUEST_ID])
        with base_context.use(context):
            LOG.info(
                '%s "%s %s" status: %s len: %s microversion: %s time: %.6f',
                environ.get("REMOTE_ADDR", "-"),
                environ["REQUEST_METHOD"],
                request_uri(environ),
                status,
                length,
                version_shown(environ),
                seconds,
            )


def request_uri(environ: dict[str, Any]) -> str:
    """Path and query, as they came; but for tokens, which open consoles."""
    path = quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
    path = _TOKENS.sub(r"\1***", path)
    query = environ.get("QUERY_STRING")
    return f"{path}?{query}" if query else path


def version_shown(environ: dict[str, Any]) -> str:
    version = environ.get(VERSION)
    return "-" if version is None else negotiate.text(version)


def filter_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[[Any], Any]:
    return RequestLog
