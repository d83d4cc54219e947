# SPDX-License-Identifier: Apache-2.0
"""The Block Storage API of a cloud that has none: no zones, no limits, no volumes.

openstackclient asks it on the way of commands that are about compute (`limits show`, `quota show`,
`availability zone list`) and fails where nobody answers. Embedded mode serves this.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from nova_lite.api.links import host_url

_NO_LIMITS: Final[dict[str, Any]] = {"limits": {"rate": [], "absolute": {}}}
_NO_ZONES: Final[dict[str, Any]] = {"availabilityZoneInfo": []}
_ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "limits": _NO_LIMITS,
    "os-availability-zone": _NO_ZONES,
}
QUOTA: Final = "os-quota-sets"  # below it a project, and perhaps "defaults"
_NOT_HERE: Final[dict[str, Any]] = {
    "itemNotFound": {"code": 404, "message": "There is no volume service here."}
}


def volumeless_app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The WSGI application, for the path that /v3 is below."""
    segments = [part for part in environ["PATH_INFO"].split("/") if part]
    status, body = "404 Not Found", _NOT_HERE
    if environ["REQUEST_METHOD"] == "GET" and segments in ([], ["v3"]):
        status, body = "200 OK", {"versions": [_version(environ)]}
    elif environ["REQUEST_METHOD"] == "GET" and segments[-1] in _ANSWERS:
        status, body = "200 OK", _ANSWERS[segments[-1]]
    elif environ["REQUEST_METHOD"] in ("GET", "DELETE") and QUOTA in segments[:-1]:
        # none is set, so none has to be forgotten
        project = segments[segments.index(QUOTA) + 1]
        status, body = "200 OK", {"quota_set": {"id": project}}
    content = msgspec.json.encode(body)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
    start_response(status, headers)
    return [content]


def _version(environ: dict[str, Any]) -> dict[str, Any]:
    base = host_url(environ) + environ.get("SCRIPT_NAME", "")
    return {
        "id": "v3.0",
        "status": "CURRENT",
        "version": "3.0",
        "min_version": "3.0",
        "updated": "2016-02-08T12:20:21Z",
        "links": [{"rel": "self", "href": f"{base}/v3/"}],
        "media-types": [],
    }


def app_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[..., Any]:
    return volumeless_app
