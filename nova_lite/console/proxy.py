# SPDX-License-Identifier: Apache-2.0
"""The listening side: connections are taken, unwrapped, and served by a thread each."""

import contextlib
import errno
import functools
import logging
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from nova_lite.base import concurrency
from nova_lite.console import room, tls
from nova_lite.console.kinds import Kind
from nova_lite.console.request import PATIENCE, Request
from nova_lite.console.session import Session
from nova_lite.console.stream import keep_alive
from nova_lite.domain.errors import ConfigurationError
from nova_lite.rpc.clients import Clients

LOG = logging.getLogger(__name__)

BACKLOG: Final = 128
CONNECTIONS: Final = room.SESSIONS + room.SPARE  # more are closed at once
LOOK: Final = 0.5  # seconds between looks whether to stop
HANDSHAKE: Final = b"\x16"  # what a client that wants TLS begins with


class Proxy:
    """A part of a service: see `base.service.Part`."""

    def __init__(self, conf: Any, kind: Kind, clients: Clients) -> None:
        self._conf = conf
        self._kind = kind
        self._clients = clients
        self._stopping = concurrency.Event()
        self._pool = concurrency.Pool(CONNECTIONS, kind.prog)
        # connections that are no session: browsers keep some open for later
        self._idle: set[Any] = set()
        self._sock: socket.socket | None = None
        self._accepting: concurrency.Task[None] | None = None
        self._context: ssl.SSLContext | None = None
        self.address: tuple[str, int] | None = None

    def start(self) -> None:
        """Raises ConfigurationError."""
        self._context = tls.towards_browsers(self._conf)
        schemes = tls.towards_hosts(self._conf) if self._kind.rfb else []
        web = self._web()
        most, stopping = room.sessions(), self._stopping.is_set
        session = Session(self._conf, self._kind, self._clients, schemes, most, stopping)
        self._sock = self._listen()
        self.address = self._sock.getsockname()[:2]
        self._accepting = concurrency.spawn(self._accept, self._sock, web, session)
        LOG.info("%s serves at %s port %s", self._kind.prog, *self.address)

    def stop(self) -> None:
        """Sessions end by themselves, and say why."""
        self._stopping.set()
        for sock in list(self._idle):
            with contextlib.suppress(OSError, ValueError):
                sock.shutdown(socket.SHUT_RD)

    def wait(self, timeout: float | None = None) -> bool:
        if self._accepting is None:
            return True
        self.stop()
        return self._pool.stop(timeout)

    def _web(self) -> Path:
        if self._kind.own_pages or not self._conf.web:
            return self._kind.web
        given = Path(self._conf.web)
        if not given.is_dir():
            raise ConfigurationError(option="[DEFAULT] web", reason=f"{given} is no folder")
        return given

    def _listen(self) -> socket.socket:
        options = self._conf[self._kind.group]
        host, port = options[self._kind.host], options[self._kind.port]
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((host, port))
            sock.listen(BACKLOG)
        except OSError as error:
            sock.close()
            taken = error.errno == errno.EADDRINUSE
            name = self._kind.port if taken else self._kind.host
            raise ConfigurationError(
                option=f"[{self._kind.group}] {name}", reason=f"{host}:{port}: {error.strerror}"
            ) from error
        return sock

    def _accept(self, sock: socket.socket, web: Path, session: Session) -> None:
        sock.settimeout(LOOK)
        with sock:
            while not self._stopping.is_set():
                try:
                    connection, peer = sock.accept()
                except TimeoutError:
                    continue
                except OSError as error:
                    LOG.warning("a connection could not be taken: %s", error)
                    self._stopping.wait(LOOK)
                    continue
                if self._pool.busy >= CONNECTIONS:
                    LOG.warning("%s is refused: there are %d connections", peer[0], CONNECTIONS)
                    connection.close()
                    continue
                try:
                    self._pool.submit(self._serve, connection, peer, web, session)
                except RuntimeError:  # it is stopped just now
                    connection.close()

    def _serve(self, sock: socket.socket, peer: Any, web: Path, session: Session) -> None:
        try:
            with self._idling(sock):
                sock.settimeout(PATIENCE)
                keep_alive(sock)
                wrapped = self._unwrapped(sock)
            if wrapped is not None:
                with contextlib.closing(wrapped), self._idling(wrapped):
                    begun = functools.partial(self._idle.discard, wrapped)
                    Request(wrapped, peer, self._kind, web, session, begun)
        except (OSError, ValueError) as error:
            LOG.debug("the connection of %s ended: %s", peer[0], error)
        except Exception:
            LOG.exception("the connection of %s broke", peer[0])
        finally:
            sock.close()

    @contextlib.contextmanager
    def _idling(self, sock: Any) -> Iterator[None]:
        """`stop` wakes up who waits for it meanwhile."""
        self._idle.add(sock)
        try:
            if self._stopping.is_set():
                raise ConnectionAbortedError("the proxy is stopping")
            yield
        finally:
            self._idle.discard(sock)

    def _unwrapped(self, sock: socket.socket) -> Any:
        """The socket to speak HTTP on; None for one that is refused."""
        first = sock.recv(1, socket.MSG_PEEK)
        if first == HANDSHAKE and self._context is not None:
            return self._context.wrap_socket(sock, server_side=True)
        if first == HANDSHAKE:
            LOG.info("a browser that wants TLS is refused: there is no certificate in `cert`")
            return None
        if first and self._conf.ssl_only:
            sock.sendall(_PLAIN)
            return None
        return sock if first else None


_TEXT: Final = b"This console proxy wants encryption: use https or wss.\n"
_PLAIN: Final = b"".join(
    (
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\n",
        b"Content-Length: %d\r\n\r\n" % len(_TEXT),
        _TEXT,
    )
)
