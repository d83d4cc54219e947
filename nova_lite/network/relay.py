# SPDX-License-Identifier: Apache-2.0
"""The metadata relay: guests ask 169.254.169.254 in the namespace of their network, and the
metadata service is asked from the host's, with headers that say who it was.

Guests are strangers: what they send is bounded in size, time and number, and of their headers
only a few are passed on.
"""

import contextlib
import errno
import http
import http.client
import logging
import socket
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final

from nova_lite.base import concurrency
from nova_lite.network import handover, identity
from nova_lite.network.names import METADATA_ADDRESS, METADATA_PORT
from nova_lite.network.privileged import calls

LOG = logging.getLogger(__name__)

MOST_OF_ONE: Final = 8  # connections of one guest at a time
MOST: Final = 256  # of all
PATIENCE: Final = 10.0  # seconds between two bytes of a guest
PAUSE: Final = 0.5  # seconds, when there is no room for another connection
PASSING: Final = (
    errno.ECONNABORTED,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOBUFS,
    errno.ENOMEM,
    errno.EPERM,  # by a rule of a firewall
    errno.EPROTO,
)
UPSTREAM_PATIENCE: Final = 60.0
MOST_BODY: Final = 64 * 1024
MOST_ANSWER: Final = 16 * 1024 * 1024
PASSED_ON: Final = (
    "Accept",
    "Content-Type",
    "User-Agent",
    "X-aws-ec2-metadata-token",
    "X-aws-ec2-metadata-token-ttl-seconds",
)
GIVEN_BACK: Final = ("Content-Type", "X-aws-ec2-metadata-token-ttl-seconds")


class Relay:
    """One listener for each network of this host; one thread for each connection."""

    def __init__(self, host: str, port: int, secret: str) -> None:
        """Where the metadata service is, and the secret that is shared with it."""
        self.host = host
        self.port = port
        self.secret = secret
        self.directory: identity.Directory = {}
        self._listeners: dict[str, tuple[int, Any]] = {}
        self._lock = concurrency.Lock()
        self._busy: dict[tuple[str, str], int] = {}

    def keep(self, keepers: dict[str, int], folder: Path) -> dict[str, str]:
        """Listen in exactly these networks; network -> keeper of its namespace. Network -> why
        that cannot be."""
        problems = {}
        for network in list(self._listeners):
            if self._listeners[network][0] != keepers.get(network):
                self._close(network)
        for network, keeper in keepers.items():
            if network in self._listeners:
                continue
            try:
                listener = _listener(keeper, folder)
            except Exception as error:
                problems[network] = " ".join(str(error).split()) or type(error).__name__
                continue
            self._listeners[network] = (keeper, listener)
            concurrency.start_thread(self._accept, network, listener, name="metadata relay")
        return problems

    def stop(self) -> None:
        for network in list(self._listeners):
            self._close(network)

    def _close(self, network: str) -> None:
        _, listener = self._listeners.pop(network, (0, None))
        if listener is None:
            return
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()

    def _accept(self, network: str, listener: Any) -> None:
        while True:
            try:
                connection, peer = listener.accept()
            except OSError as error:
                if not self._goes_on(network, listener, error):
                    return
                continue
            who = (network, str(peer[0]))
            if not self._admit(who):
                connection.close()
                continue
            concurrency.start_thread(self._serve, who, connection, name="metadata request")

    def _goes_on(self, network: str, listener: Any, error: OSError) -> bool:
        """After trouble with the next connection: False when there will be none."""
        if self._listeners.get(network, (0, None))[1] is not listener:
            return False  # we closed it
        LOG.warning("Metadata of network %s: %s", network, error)
        if error.errno not in PASSING:
            self._close(network)  # so that the next look makes another
            return False
        concurrency.sleep(PAUSE)
        return True

    def _admit(self, who: tuple[str, str]) -> bool:
        with self._lock:
            if self._busy.get(who, 0) >= MOST_OF_ONE or sum(self._busy.values()) >= MOST:
                return False
            self._busy[who] = self._busy.get(who, 0) + 1
            return True

    def _serve(self, who: tuple[str, str], connection: Any) -> None:
        try:
            with connection:
                connection.settimeout(PATIENCE)
                _Exchange(connection, who, self)
        except OSError:
            LOG.debug("A guest at %s of network %s went away", who[1], who[0])
        except Exception:
            LOG.exception("Metadata for %s of network %s", who[1], who[0])
        finally:
            with self._lock:
                self._busy[who] -= 1
                if not self._busy[who]:
                    del self._busy[who]


class _Exchange(BaseHTTPRequestHandler):
    """The requests of one connection, one after the other."""

    protocol_version = "HTTP/1.1"
    server_version = "nova-lite"
    sys_version = ""
    timeout = PATIENCE

    def __init__(self, connection: Any, who: tuple[str, str], relay: Relay) -> None:
        self._who = who
        self._relay = relay
        super().__init__(connection, (who[1], 0), None)  # type: ignore[arg-type]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        LOG.debug("%s of network %s: " + format, self._who[1], self._who[0], *args)

    def _pass_on(self) -> None:
        asker = self._relay.directory.get(self._who)
        if asker is None:
            self._answer(404, b"404 Not Found\n\nThis address belongs to no server.\n")
            return
        body = self._body()
        if body is None:
            return
        given = {name: self.headers[name] for name in PASSED_ON if self.headers[name] is not None}
        sent = {name: " ".join(value.split()) for name, value in given.items()}  # of one line
        sent |= identity.headers(asker, self._who[1], self._relay.secret)
        try:
            status, content, kept = self._fetch(body, sent)
        except (OSError, http.client.HTTPException) as error:
            LOG.warning(
                "The metadata service at %s:%s does not answer: %s",
                self._relay.host,
                self._relay.port,
                error,
            )
            self._answer(503, b"503 Service Unavailable\n\nThe metadata service is away.\n")
        else:
            self._answer(status, content, kept)

    do_GET = do_HEAD = do_POST = do_PUT = _pass_on  # noqa: N815 - their names there

    def _body(self) -> bytes | None:
        """None when the request has been refused."""
        if not _is_path(self.path):
            self._refuse(400, b"400 Bad Request\n")
            return None
        if self.headers["Transfer-Encoding"] is not None:
            self._refuse(411, b"411 Length Required\n")
            return None
        text = self.headers["Content-Length"] or "0"
        if not text.isascii() or not text.isdigit():
            self._refuse(400, b"400 Bad Request\n")
            return None
        digits = text.lstrip("0") or "0"
        if len(digits) > len(str(MOST_BODY)) or int(digits) > MOST_BODY:
            self._refuse(413, b"413 Payload Too Large\n")
            return None
        return self.rfile.read(int(digits))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What is no request is answered like one of our version, in plain text."""
        LOG.debug("%s of network %s: %s", self._who[1], self._who[0], message or code)
        self.request_version = self.protocol_version
        self._refuse(code, f"{int(code)} {http.HTTPStatus(code).phrase}\n".encode())

    def _refuse(self, status: int, text: bytes) -> None:
        self.close_connection = True
        self._answer(status, text)

    def _fetch(self, body: bytes, sent: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        """(status, content, headers to give back) of the metadata service."""
        upstream = http.client.HTTPConnection(
            self._relay.host, self._relay.port, timeout=UPSTREAM_PATIENCE
        )
        with contextlib.closing(upstream):
            upstream.request(self.command, self.path, body=body or None, headers=sent)
            response = upstream.getresponse()
            content = response.read(MOST_ANSWER)
            kept = {name: response.headers[name] for name in GIVEN_BACK}
        return response.status, content, {k: v for k, v in kept.items() if v is not None}

    def _answer(self, status: int, content: bytes, kept: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (kept or {"Content-Type": "text/plain; charset=UTF-8"}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _is_path(text: str) -> bool:
    """Whether it can be asked for: other characters are written as %XX."""
    return text.startswith("/") and text.isascii() and text.isprintable()


def _listener(keeper: int, folder: Path) -> Any:
    """A socket that listens in the namespace of `keeper`: made by the privileged process, and
    handed over through a socket in our folder."""
    descriptor = handover.take(
        folder,
        lambda path: calls.open_listener(keeper, METADATA_ADDRESS, METADATA_PORT, path),
    )
    return socket.socket(fileno=descriptor)
