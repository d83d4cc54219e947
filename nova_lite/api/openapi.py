# SPDX-License-Identifier: Apache-2.0
"""GET /openapi.json: the Compute API as an OpenAPI 3.1 document.

Made from the route table and its schemas, at the newest microversion, when it is first asked
for. It holds nothing that needs protection, so it is served without a token.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from nova_lite.api import faults
from nova_lite.api.dispatch import REASONS, not_found
from nova_lite.api.links import host_url, with_prefix
from nova_lite.api.route import NO_BODY, Anyone, Route
from nova_lite.api.routes import ROUTES
from nova_lite.api.versions import HISTORY, negotiate

JsonSchema = dict[str, Any]

TITLE: Final = "nova_lite Compute API"
# Where the newest microversion is the default, so that tools need not send a header for it.
ENDPOINT: Final = "/latest"

# Every call may be answered with these, whatever it does.
ERRORS: Final = (400, 401, 403, 404, 406, 409, 410, 413, 415, 500, 501, 503)

# What our formats mean, for those who do not know them.
_PRINTABLE: Final = r"[^\x00-\x1f\x7f-\x9f\s]"
PATTERNS: Final[dict[str, str]] = {
    "name": rf"^{_PRINTABLE}([^\x00-\x1f\x7f-\x9f]*{_PRINTABLE})?$",
    "az_name": r"^[^\x00-\x1f\x7f-\x9f\s:]([^\x00-\x1f\x7f-\x9f:]*[^\x00-\x1f\x7f-\x9f\s:])?$",
    "base64": r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    "mac-address": r"^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$",
}


def document(server_url: str, version: int = HISTORY.newest) -> dict[str, Any]:
    """The whole document; `server_url` is where the endpoint is.

    Of another microversion than the newest it knows calls, statuses, and what requests look
    like; successful answers are objects, no more: views are written for the newest one.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": negotiate.text(version),
            "description": (
                "The newest microversion. It is the default of the endpoint /latest; at /v2.1, "
                "where clients work, ask for it with the header "
                f"{_wanted(version)}, since the default is 2.1 there."
                if HISTORY.is_newest(version)
                else f"What is asked for with the header {_wanted(version)}."
            ),
        },
        "servers": [{"url": server_url}],
        "security": [{"token": []}, {"basic": []}],
        "paths": _paths(version),
        "components": {
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
                "basic": {"type": "http", "scheme": "basic"},
            },
            "responses": {str(status): _error(status) for status in ERRORS},
        },
    }


@functools.cache
def _paths(version: int) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    actions: dict[str, list[Route]] = {}
    for route in ROUTES:
        if route.hidden or not HISTORY.offered(route.name, version):
            continue
        if route.action is not None:
            actions.setdefault(route.path, []).append(route)
            continue
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, version)
    for path, verbs in actions.items():
        paths.setdefault(path, {})["post"] = _action_operation(path, verbs, version)
    return {path: paths[path] for path in sorted(paths)}


# --- operations -----------------------------------------------------------------------------


def _operation(route: Route, version: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary or route.name,
        "tags": [_tag(route.path)],
        "parameters": [*_path_parameters(route.path), *_query_parameters(route, version)],
        "responses": {**_success([route], version), **_ERROR_REFERENCES},
    }
    if not isinstance(route.policy, Anyone):
        found["x-policy"] = route.policy
    if route.body is not NO_BODY:
        assert route.body is not None
        body = HISTORY.body(route.name, route.body, version)
        found["requestBody"] = _body(body)
    return found


def _action_operation(path: str, verbs: list[Route], version: int) -> dict[str, Any]:
    """All actions of a path are one operation: the key of the body chooses."""
    bodies = [HISTORY.body(route.name, route.body or {}, version) for route in verbs]
    return {
        "operationId": f"{_tag(path)}.action",
        "summary": "Actions: " + ", ".join(str(route.action) for route in verbs),
        "tags": [_tag(path)],
        "parameters": _path_parameters(path),
        "requestBody": _body({"oneOf": bodies} if len(bodies) > 1 else bodies[0]),
        "responses": {**_success(verbs, version), **_ERROR_REFERENCES},
        "x-policies": {
            str(route.action): route.policy
            for route in verbs
            if not isinstance(route.policy, Anyone)
        },
    }


def _tag(path: str) -> str:
    return path.strip("/").split("/")[0]


def _wanted(version: int) -> str:
    return f"{negotiate.HEADER}: {negotiate.SERVICE} {negotiate.text(version)}"


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }
        for name in names
    ]


def _query_parameters(route: Route, version: int) -> list[dict[str, Any]]:
    assert route.query is not None
    query = HISTORY.query(route.name, route.query, version)
    found = []
    for name, schema in query["properties"].items():
        if schema.get("x-refused"):
            continue
        single = schema.get("maxItems") == 1
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in query.get("required", ()),
                "schema": _plain(schema["items"] if single else schema),
            }
        )
    return found


def _body(schema: JsonSchema) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": _plain(schema)}}}


# --- answers --------------------------------------------------------------------------------

_ERROR_REFERENCES: Final = {
    str(status): {"$ref": f"#/components/responses/{status}"} for status in ERRORS
}


def _success(routes: list[Route], version: int) -> dict[str, Any]:
    by_status: dict[int, list[JsonSchema]] = {}
    empty: set[int] = set()
    for route in routes:
        schema = route.view.schema()
        if not HISTORY.is_newest(version) and schema is not None:
            schema = {"type": "object"}
        for status in (HISTORY.status(route.name, version, route.status), *route.also):
            known = by_status.setdefault(status, [])
            if schema is None:
                empty.add(status)
            elif status != 204 and schema not in known:
                known.append(schema)
    return {
        str(status): _answer(status, schemas, status in empty)
        for status, schemas in by_status.items()
    }


def _answer(status: int, schemas: list[JsonSchema], may_be_empty: bool) -> dict[str, Any]:
    """OpenAPI has no word for a body that may be missing: then it is under a name of ours."""
    answer: dict[str, Any] = {"description": REASONS[status]}
    if schemas and may_be_empty:
        answer["x-bodies"] = schemas
    elif schemas:
        schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
        answer["content"] = {"application/json": {"schema": schema}}
    return answer


def _error(status: int) -> dict[str, Any]:
    """The envelope of a status. 400, 401, 404 and 413 may come from before the dispatcher."""
    inner = {
        "type": "object",
        "properties": {
            "code": {"type": "integer", "const": status},
            "message": {"type": "string"},
            "retryAfter": {"type": "string"},
        },
        "required": ["code", "message"],
        "additionalProperties": False,
    }
    key = faults.row(status).key
    envelope: JsonSchema = {
        "type": "object",
        "properties": {key: inner},
        "required": [key],
        "additionalProperties": False,
    }
    content: dict[str, Any] = {"application/json": {"schema": envelope}}
    if status in (400, 401, 404, 413):
        content["text/plain"] = {"schema": {"type": "string"}}
        content["text/html"] = {"schema": {"type": "string"}}
    if status in (404, 413):
        router = {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("message", "code", "title")},
            "required": ["message", "code", "title"],
            "additionalProperties": False,
        }
        content["application/json"] = {"schema": {"oneOf": [envelope, router]}}
    return {"description": REASONS[status], "content": content}


def _plain(schema: Any) -> Any:
    """A schema in which formats of ours are patterns."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _plain(value) for key, value in schema.items()}
    if schema.get("minimum") == 1 and "string" in schema.get("type", ()):
        found["pattern"] = r"^0{0,3}[1-9][0-9]{0,8}$"  # what the minimum means for strings
    if schema.get("format") == "regex":
        del found["format"]  # there it means those of ECMA-262; ours are Python's
    pattern = PATTERNS.get(schema.get("format", "")) if "pattern" not in schema else None
    if pattern is not None and isinstance(schema.get("format"), str):
        del found["format"]
        found["pattern"] = pattern
    return found


# --- the application ----------------------------------------------------------------------------


class OpenApi:
    """Answers with the document, made for the place where it is asked."""

    def __init__(self, conf: Any) -> None:
        self._conf = conf

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ["PATH_INFO"]:
            return not_found(environ, start_response)
        above = environ.get("SCRIPT_NAME", "").rpartition("/")[0]
        base = with_prefix(host_url(environ) + above, self._conf.api.compute_link_prefix)
        body = _encoded(base + ENDPOINT)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]


@functools.lru_cache(maxsize=8)
def _encoded(server_url: str) -> bytes:
    return msgspec.json.encode(document(server_url))
