# SPDX-License-Identifier: Apache-2.0
"""The HTTP server of the threading back end: cheroot on a socket that is there already."""

import logging
import socket
import ssl
import sys
from dataclasses import dataclass
from typing import Any, Final

from cheroot import wsgi
from cheroot.ssl import builtin

from nova_lite.api.wsgi import App
from nova_lite.base import concurrency

LOG = logging.getLogger(__name__)

# A request has many header lines.
HEADER_LINES: Final = 8


class _Server(wsgi.Server):
    """Takes a listening socket that workers share, and says in our log what goes wrong."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        self._given = sock
        super().__init__(sock.getsockname()[:2], *args, **kwargs)

    def bind(self, family: int, type: int, proto: int = 0) -> socket.socket:
        # Workers that wake up for the same connection must not wait for another one.
        self.socket = _Shared(fileno=self._given.dup().detach())
        return self.socket

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:
        LOG.log(level, "%s", msg, exc_info=sys.exc_info() if traceback else None)


class _Shared(socket.socket):
    """A listening socket that other processes accept from, too: it never waits in accept."""

    def settimeout(self, value: float | None) -> None:
        super().settimeout(0)


@dataclass(frozen=True)
class Tls:
    """A context, and the files it was made of."""

    context: ssl.SSLContext
    certificate: str
    key: str


class ThreadedHttpServer:
    """start, stop, wait: see `base.service.Part`."""

    def __init__(
        self,
        sock: socket.socket,
        app: App,
        tls: Tls | None,
        *,
        threads: int,
        connections: int,
        idle_timeout: float,
        max_header: int,
    ) -> None:
        self._server = _Server(
            sock,
            app,
            numthreads=threads,
            timeout=idle_timeout,
            request_queue_size=socket.SOMAXCONN,
        )
        self._server.keep_alive_conn_limit = connections
        self._server.max_request_header_size = max_header * HEADER_LINES
        self._server.server_name = "nova-lite"
        if tls is not None:
            adapter = builtin.BuiltinSSLAdapter(tls.certificate, tls.key)
            adapter.context = tls.context
            self._server.ssl_adapter = adapter
        self._sock = sock
        self._serving: Any = None
        self._stopping: Any = None

    def start(self) -> None:
        self._server.prepare()
        self._serving = concurrency.spawn(self._server.serve)

    def stop(self) -> None:
        """Returns at once; requests that are being worked on are finished."""
        if self._stopping is None:
            self._sock.close()
            self._server.shutdown_timeout = 3600
            self._stopping = concurrency.spawn(self._server.stop)

    def wait(self, timeout: float | None = None) -> bool:
        if self._stopping is None:
            return True
        try:
            self._stopping.wait(timeout)
        except TimeoutError:
            return False
        return True
