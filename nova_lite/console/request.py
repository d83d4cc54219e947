# SPDX-License-Identifier: Apache-2.0
"""A request of a browser: a page, or a WebSocket that becomes a session."""

import http.server
import logging
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from nova_lite.console.kinds import Kind
from nova_lite.console.session import Session
from nova_lite.console.stream import BrowserStream

LOG = logging.getLogger(__name__)

PATIENCE: Final = 15.0  # seconds for the next line of a request


class Request(http.server.SimpleHTTPRequestHandler):
    """The requests of one connection, one after the other, until one of them is a session."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def __init__(
        self,
        sock: Any,
        peer: Any,
        kind: Kind,
        web: Path,
        session: Session,
        begun: Callable[[], None],
    ) -> None:
        """`begun` is called when a session begins."""
        self._kind = kind
        self._web = web
        self._session = session
        self._begun = begun
        super().__init__(sock, peer, None, directory=str(web))  # type: ignore[arg-type]

    def do_GET(self) -> None:  # noqa: N802 - named by its base class
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.close_connection = True
            self._open()
            return
        parts = urlsplit(self.path)
        page = self._kind.pages.get(parts.path)
        if page is None:
            super().do_GET()
            return
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", f"{page}{'&' if '?' in page else '?'}{parts.query}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _open(self) -> None:
        peer = self.client_address[0]
        try:
            browser = BrowserStream(self.connection, self.headers)
        except OSError as error:
            LOG.debug("%s went away: %s", peer, error)
        except Exception as error:  # the library raises Exception itself for wrong headers
            self.send_error(HTTPStatus.BAD_REQUEST, f"No WebSocket: {error}")
        else:
            self._begun()
            self._session.run(browser, self.path, self.headers, peer)

    def send_head(self) -> Any:
        if not self._web.is_dir():
            self.send_error(HTTPStatus.NOT_FOUND, f"There are no pages here: {self._kind.advice}")
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:
        self.send_error(HTTPStatus.NOT_FOUND, "There is no such page")

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")  # tokens stand in addresses
        super().end_headers()

    def version_string(self) -> str:
        return "nova-lite"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by its base class
        path = urlsplit(getattr(self, "path", "")).path
        LOG.debug("%s %s %s", self.client_address[0], getattr(self, "command", "-"), path)
