# SPDX-License-Identifier: Apache-2.0
"""Which versions of the Networking API there are, answered without a token; and what is in it."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from nova_lite.api.links import host_url
from nova_lite.api.network.call import Call, Reply
from nova_lite.api.network.kinds import KINDS
from nova_lite.api.network.policy import PREFIX


class Discovery:
    """A layer before authentication."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        asked = environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if environ.get("PATH_INFO", "") not in ("", "/") or not asked:
            return self._app(environ, start_response)
        body = msgspec.json.encode(document(host_url(environ) + environ.get("SCRIPT_NAME", "")))
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def document(base: str) -> dict[str, Any]:
    """The one version."""
    links = [{"rel": "self", "href": f"{base}{PREFIX}/"}]
    return {"versions": [{"id": "v2.0", "status": "CURRENT", "links": links}]}


def resources(call: Call) -> Reply:
    """GET /v2.0"""
    found = [
        {
            "name": kind.one,
            "collection": kind.many,
            "links": [{"rel": "self", "href": call.url(f"{PREFIX}/{kind.path}")}],
        }
        for kind in KINDS
    ]
    return Reply(200, {"resources": found})
