# SPDX-License-Identifier: Apache-2.0
"""The WSGI application of the Networking API.

match -> body -> handler -> answer. Expects `environ["nova_lite.context"]` and answers errors
itself, as Neutron does.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from nova_lite.api import assembly
from nova_lite.api.dispatch import CONTEXT, REASONS, read_body, read_query
from nova_lite.api.faults import HttpFault
from nova_lite.api.matcher import Matcher
from nova_lite.api.network import faults
from nova_lite.api.network.call import Call, Route
from nova_lite.api.network.elsewhere import ABSENT
from nova_lite.api.network.routes import ROUTES
from nova_lite.base import context as base_context
from nova_lite.domain import errors

LOG = logging.getLogger(__name__)

StartResponse = Callable[..., Any]

_METHODS: Final = tuple(dict.fromkeys(route.method for route in ROUTES))
_JSON: Final = "application/json"


def network_app_factory(global_conf: dict[str, str], **local_conf: str) -> "NetworkApi":
    """For the paste file."""
    return NetworkApi(assembly.parts().clients)


class NetworkApi:
    """`clients`: RPC clients; the rows are the conductor's."""

    def __init__(self, clients: Any) -> None:
        self._clients = clients
        self._matcher = Matcher()
        for route in ROUTES:
            self._matcher.add(route.method, route.path, route)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        context = environ[CONTEXT]
        with base_context.use(context):
            try:
                route, params = self._find(environ)
                reply = route.handler(self._call(environ, route, params))
            except Exception as error:
                fault = faults.of(error, context.request_id)
                _log(fault.status, error)
                return _send(start_response, fault.status, fault.body, fault.headers)
        body = b"" if reply.content is None else msgspec.json.encode(reply.content)
        return _send(start_response, reply.status, body, {})

    def _find(self, environ: dict[str, Any]) -> tuple[Route, dict[str, str]]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        segments = path.removesuffix(".json").strip("/").split("/")
        method = environ["REQUEST_METHOD"]
        found = self._match(method, segments) if "\0" not in path else None
        if found is not None:
            return found
        for segment in segments:
            if segment in ABSENT:
                raise HttpFault(404, f"The built-in network has no {ABSENT[segment]}.")
        others = [each for each in _METHODS if self._match(each, segments) is not None]
        if others:
            message = f"The method {method} is not allowed for this resource."
            raise HttpFault(405, message, {"Allow": ", ".join(others)})
        raise HttpFault(404, "The resource could not be found.")

    def _match(self, method: str, segments: list[str]) -> tuple[Route, dict[str, str]] | None:
        found = self._matcher.find(method, segments)
        # ids of projects do not stand in these paths
        return None if found is None or found[2] is not None else (found[0], found[1])

    def _call(self, environ: dict[str, Any], route: Route, params: dict[str, str]) -> Call:
        return Call(
            environ=environ,
            context=environ[CONTEXT],
            conductor=self._clients.conductor,
            params=params,
            query=read_query(environ),
            body=read_body(environ) if route.reads else None,
        )


def _send(start_response: StartResponse, status: int, body: bytes, more: Any) -> Iterable[bytes]:
    headers = list(more.items())
    if body:
        headers.append(("Content-Type", _JSON))
    if status != 204:
        headers.append(("Content-Length", str(len(body))))
    start_response(f"{status} {REASONS.get(status, 'Unknown')}", headers)
    return [body] if body else []


def _log(status: int, error: Exception) -> None:
    if status >= 500 and status != 501:
        expected = isinstance(error, errors.Unavailable)
        LOG.error("%s: %s", type(error).__name__, error, exc_info=not expected)
