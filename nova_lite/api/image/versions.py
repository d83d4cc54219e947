# SPDX-License-Identifier: Apache-2.0
"""Which versions of the Image API there are: what is answered without a token."""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from nova_lite.api.links import host_url

# 2.5 has community images, 2.7 hidden ones and strong hashes.
NEWEST: Final = 7
_STATUS: Final = {"": 300, "/": 300, "/versions": 200, "/versions/": 200, "/v2": 300, "/v2/": 300}
_LINES: Final = {200: "200 OK", 300: "300 Multiple Choices"}


class Discovery:
    """A layer before authentication."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        status = _STATUS.get(environ.get("PATH_INFO", ""))
        if status is None or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._app(environ, start_response)
        base = host_url(environ) + environ.get("SCRIPT_NAME", "")
        body = msgspec.json.encode(document(base))
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response(_LINES[status], headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def document(base: str) -> dict[str, Any]:
    """Newest first; all of them are at one place."""
    return {
        "versions": [
            {
                "id": f"v2.{minor}",
                "status": "CURRENT" if minor == NEWEST else "SUPPORTED",
                "links": [{"rel": "self", "href": f"{base}/v2/"}],
            }
            for minor in range(NEWEST, -1, -1)
        ]
    }
