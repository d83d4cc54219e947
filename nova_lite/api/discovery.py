# SPDX-License-Identifier: Apache-2.0
"""Which versions there are: what is answered without a token.

`/` lists the endpoints, `/v2` and `/v2.1` describe one, any other path outside of them is told
the choices. The newest and oldest microversion come from the history.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from nova_lite.api.dispatch import REASONS, not_found
from nova_lite.api.links import host_url, with_prefix
from nova_lite.api.versions import HISTORY, negotiate
from nova_lite.api.versions.history import OLDEST

_MEDIA: Final = "application/vnd.openstack.compute+json;version="
# name, id, status, updated, has microversions
_ENDPOINTS: Final = (
    ("v2", "v2.0", "DEPRECATED", "2011-01-21T11:33:21Z", False),
    ("v2.1", "v2.1", "CURRENT", "2013-07-23T11:33:21Z", True),
)


def document(name: str, base: str, *, full: bool) -> dict[str, Any]:
    """The description of an endpoint. `full`: with media types, as `/v2.1/` has it."""
    ((_, ident, status, updated, micro),) = [row for row in _ENDPOINTS if row[0] == name]
    links: list[dict[str, str]] = [{"rel": "self", "href": f"{base}/{name}/"}]
    if full:
        links.append(
            {"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"}
        )
    found: dict[str, Any] = {
        "id": ident,
        "status": status,
        "version": negotiate.text(HISTORY.newest) if micro else "",
        "min_version": negotiate.text(OLDEST) if micro else "",
        "updated": updated,
        "links": links,
    }
    if full:
        version = ident.removeprefix("v")
        found["media-types"] = [{"base": "application/json", "type": f"{_MEDIA}{version}"}]
    return found


def choices(base: str, path: str) -> dict[str, Any]:
    """The same path at each endpoint."""
    return {
        "choices": [
            {
                "id": ident,
                "status": status,
                "links": [{"rel": "self", "href": f"{base}/{name}{path}"}],
                "media-types": [
                    {"base": "application/json", "type": f"{_MEDIA}{ident.removeprefix('v')}"}
                ],
            }
            for name, ident, status, _, _ in _ENDPOINTS
        ]
    }


class Versions:
    """The application at `/`."""

    def __init__(self, conf: Any) -> None:
        self._conf = conf

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        base = _base(environ, self._conf)
        path = environ.get("PATH_INFO") or "/"
        if path != "/":
            return _answer(start_response, 300, choices(base, path))
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return not_found(environ, start_response)
        listed = [document(name, base, full=False) for name, *_ in _ENDPOINTS]
        return _answer(start_response, 200, {"versions": listed})


class Endpoint:
    """A layer before authentication: answers for the endpoint's own path, e.g. `/v2.1/`."""

    def __init__(self, app: Any, conf: Any, name: str) -> None:
        self._app = app
        self._conf = conf
        self._name = name

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["PATH_INFO"] not in ("", "/"):
            return self._app(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return not_found(environ, start_response)
        body = {"version": document(self._name, _base(environ, self._conf), full=True)}
        return _answer(start_response, 200, body)


def _base(environ: dict[str, Any], conf: Any) -> str:
    """What comes before `/v2.1`: everything but the last segment of the mount point."""
    above = environ.get("SCRIPT_NAME", "").rpartition("/")[0]
    return with_prefix(host_url(environ) + above, conf.api.compute_link_prefix)


def _answer(
    start_response: Callable[..., Any], status: int, content: dict[str, Any]
) -> Iterable[bytes]:
    body = msgspec.json.encode(content)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(f"{status} {REASONS[status]}", headers)
    return [body]
