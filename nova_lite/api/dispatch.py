# SPDX-License-Identifier: Apache-2.0
"""The way of every request, in the order in which Nova checks:

match -> version -> content type and body -> action -> project in the URL -> version window
-> query and body schema -> target -> policy -> handler -> view.
"""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from webob import exc

from nova_lite.api import faults, gone
from nova_lite.api.faults import Fault, HttpFault
from nova_lite.api.links import Links
from nova_lite.api.request import Request
from nova_lite.api.route import Answer, Anyone, Route
from nova_lite.api.routes import GONE, AtVersion, Compiled, compiled_routes
from nova_lite.api.versions import HISTORY, negotiate
from nova_lite.api.versions.history import LEGACY, OLDEST
from nova_lite.base import context as base_context
from nova_lite.base import policy
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.brief import ECHO, brief

LOG = logging.getLogger(__name__)

StartResponse = Callable[..., Any]
Headers = list[tuple[str, str]]

CONTEXT: Final = "nova_lite.context"
REQUEST_ID: Final = "nova_lite.request_id"
VERSION: Final = "nova_lite.version"
JSON: Final = "application/json"
_FAULT_TYPE: Final = "application/json; charset=UTF-8"
_TYPES: Final = frozenset({JSON, "application/vnd.openstack.compute+json"})

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

REASONS: Final[dict[int, str]] = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 207: "Multi-Status",
    300: "Multiple Choices", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 409: "Conflict",
    410: "Gone", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
    422: "Unprocessable Entity", 429: "Too Many Requests", 500: "Internal Server Error",
    501: "Not Implemented", 503: "Service Unavailable",
}  # fmt: skip

# The two header lines that say on what a cached answer depends, by name of the header.
_VARY: Final = (("Vary", negotiate.HEADER), ("Vary", negotiate.OLD_HEADER))
_VERSION_HEADERS: Final[tuple[Headers, ...]] = tuple(
    [
        (negotiate.HEADER, f"{negotiate.SERVICE} {negotiate.text(version)}"),
        (negotiate.OLD_HEADER, negotiate.text(version)),
        *_VARY,
    ]
    if version
    else []
    for version in HISTORY.all_versions()
)


class Dispatcher:
    """The WSGI application of the compute API, for one mount point.

    It expects `environ["nova_lite.context"]`, and answers everything itself, errors included.
    `legacy` is the /v2 endpoint; `default` the version of those who ask for none.
    """

    def __init__(
        self, conf: Any, clients: Any, *, legacy: bool = False, default: int = OLDEST
    ) -> None:
        self._conf = conf
        self._clients = clients
        self._legacy = legacy
        self._default = default
        self._matcher = compiled_routes()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        segments = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")[1:].split("/")
        found = self._matcher.find(environ["REQUEST_METHOD"], segments)
        if found is None or "\0" in environ["PATH_INFO"]:
            return not_found(environ, start_response)
        headers: Headers = []
        context: RequestContext = environ[CONTEXT]
        with base_context.use(context):
            special = None
            try:
                version = self._version(environ, headers)
                entry, params, project = found
                compiled, body = self._choose(entry, environ)
                special = compiled.route.errors
                request = self._request(environ, version, params, project)
                at = self._admit(compiled, request, project, body)
                status, payload = self._run(compiled.route, at, request, body, headers)
            except Exception as error:
                fault = self._fault(error, context, special)
                status, payload = fault.status, fault.body
                headers.extend(fault.headers.items())
                headers.append(("Content-Type", _FAULT_TYPE))
        headers.append(("Content-Length", str(len(payload))))
        start_response(f"{status} {REASONS.get(status, 'Unknown')}", headers)
        return [payload] if payload else []

    # --- the steps ---------------------------------------------------------------------------

    def _version(self, environ: dict[str, Any], headers: Headers) -> int:
        if self._legacy:
            return LEGACY
        try:
            version = negotiate.choose(
                environ.get("HTTP_OPENSTACK_API_VERSION"),
                environ.get("HTTP_X_OPENSTACK_NOVA_API_VERSION"),
                HISTORY.newest,
                self._default,
            )
        except negotiate.BadVersion as error:
            raise HttpFault(400, str(error)) from None
        except negotiate.OutOfRange as error:
            headers.append((negotiate.HEADER, f"{negotiate.SERVICE} {error.wanted}"))
            headers.append((negotiate.OLD_HEADER, error.wanted))
            headers.extend(_VARY)
            raise HttpFault(406, str(error)) from None
        environ[VERSION] = version
        headers.extend(_VERSION_HEADERS[version])
        return version

    def _choose(self, entry: Any, environ: dict[str, Any]) -> tuple[Compiled, Any]:
        """The row, and the body where it reads one. Actions are chosen by the body's key."""
        if entry is GONE:
            raise HttpFault(410, gone.MESSAGE)
        if isinstance(entry, Compiled):
            return entry, read_body(environ) if entry.needs_body else None
        body = read_body(environ)
        if not isinstance(body, dict) or len(body) != 1:
            raise HttpFault(400, "Malformed request body")
        (name,) = body
        compiled = entry.get(name)
        if compiled is None:
            raise HttpFault(400, f"There is no such action: {brief(name, ECHO)}")
        return compiled, body

    def _request(
        self, environ: dict[str, Any], version: int, params: dict[str, str], project: str | None
    ) -> Request:
        return Request(
            environ=environ,
            context=environ[CONTEXT],
            conf=self._conf,
            version=version,
            behaviours=HISTORY.behaviours(version),
            params=params,
            query=read_query(environ),
            links=Links(environ, self._conf.api.compute_link_prefix, project),
        )

    def _admit(
        self, compiled: Compiled, request: Request, project: str | None, body: Any
    ) -> AtVersion:
        if project is not None and project != request.context.project_id:
            raise HttpFault(
                400,
                f"Malformed request URL: URL's project_id '{brief(project, ECHO)}' doesn't match "
                f"Context's project_id '{request.context.project_id}'",
            )
        at = compiled.at[request.version]
        if at is None:
            raise HttpFault(404, "The resource could not be found.")
        at.query(request.query)
        if at.body is not None:
            at.body(body)
        return at

    def _run(
        self, route: Route, at: AtVersion, request: Request, body: Any, headers: Headers
    ) -> tuple[int, bytes]:
        owner = None
        if route.target is not None:
            request.target = route.target(request, self._clients)
            owner = owner_of(request.target)
        if not isinstance(route.policy, Anyone):
            policy.authorize(request.context, route.policy, owner)
        value = route.handler(request, self._clients, request.target, body)
        status = at.status
        if isinstance(value, Answer):
            status = value.status or status
            headers.extend(value.headers.items())
            value = value.value
        content = route.view.render(request, value)
        where = route.view.location(request, value)
        if where is not None:
            headers.append(("Location", where))
        headers.append(("Content-Type", JSON))
        return status, b"" if content is None else _encode(content)

    def _fault(self, error: Exception, context: RequestContext, special: Any) -> Fault:
        fault = faults.of(error, context.request_id, special)
        if fault.status >= 500 and fault.status != 501:
            expected = isinstance(error, errors.Unavailable)
            LOG.error("%s: %s", type(error).__name__, error, exc_info=not expected)
        return fault


def owner_of(target: Any) -> dict[str, Any]:
    """What a policy rule may ask about the thing in question."""
    return {"project_id": target.project_id, "user_id": target.user_id}


# --- reading --------------------------------------------------------------------------------


def read_query(environ: dict[str, Any]) -> dict[str, list[str]]:
    """Query parameters, each with all its values."""
    text = environ.get("QUERY_STRING")
    if not text:
        return {}
    if "%00" in text or "\0" in text:
        raise HttpFault(400, "Malformed query string")
    try:
        return parse_qs(text, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except UnicodeDecodeError:
        raise HttpFault(400, "Query string is not UTF-8 encoded") from None
    except ValueError:
        raise HttpFault(400, "Malformed query string") from None


def read_body(environ: dict[str, Any]) -> Any:
    """The decoded JSON body; None when there is none."""
    length = environ.get("CONTENT_LENGTH")
    if length in ("0", "", None) and "HTTP_TRANSFER_ENCODING" not in environ:
        return None
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind and kind not in _TYPES:
        raise HttpFault(415, "Unsupported Content-Type")
    try:
        text = read_whole(environ, int(length)) if length else read_chunks(environ)
        body = _decode(text) if text else None
        if _SUSPICIOUS.search(text) and unstorable(body):
            raise ValueError
        return body
    except (ValueError, RecursionError, OverflowError, OSError):
        # msgspec's errors are ValueErrors, and so is a length that is no number; the servers
        # raise the others for bodies that end too early, or whose chunks are no chunks
        raise HttpFault(400, "Malformed request body") from None


# Bytes that are read at a time of a body that says no length.
_PART: Final = 1 << 16
# What may stand for a NUL or for a number of more than 64 bits.
_SUSPICIOUS: Final = re.compile(rb"\\u0000|[0-9]{19}")
_MOST: Final = 1 << 63


def unstorable(value: Any) -> bool:
    """Whether there is, anywhere in a body, a string with a NUL or an integer of more than 64
    bits: not every database can keep the one, and no message the other."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, int):
        return not -_MOST <= value < _MOST
    if isinstance(value, dict):
        return any(unstorable(key) or unstorable(inner) for key, inner in value.items())
    return isinstance(value, list) and any(map(unstorable, value))


def read_whole(environ: dict[str, Any], length: int) -> bytes:
    """A body of this length. ValueError when less comes."""
    text: bytes = environ["wsgi.input"].read(length)
    if len(text) != length:
        raise ValueError(f"{length} bytes were announced, {len(text)} came")
    return text


def read_chunks(environ: dict[str, Any]) -> bytes:
    """A body without a length: the server ends the stream where the last chunk ends, and may
    give it in parts. The size limit raises 413 while it is read."""
    stream = environ["wsgi.input"]
    try:
        return b"".join(iter(lambda: stream.read(_PART), b""))
    except exc.HTTPRequestEntityTooLarge:
        raise HttpFault(413, "Request is too large.") from None


def not_found(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The router's answer, without version headers: JSON only where it was asked for."""
    message = "The resource could not be found."
    if JSON in environ.get("HTTP_ACCEPT", ""):
        kind = JSON
        body = _encode(
            {
                "message": f"{message}<br /><br />\n\n\n",
                "code": "404 Not Found",
                "title": "Not Found",
            }
        )
    else:
        kind = "text/plain; charset=UTF-8"
        body = f"404 Not Found\n\n{message}\n\n   ".encode()
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    start_response("404 Not Found", headers)
    return [body]
