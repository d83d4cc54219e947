# SPDX-License-Identifier: Apache-2.0
"""Serves the API over HTTP or HTTPS, on either concurrency back end.

Green threads: eventlet.wsgi, one green thread for each connection. Native threads: cheroot,
whose threads work on requests only; idle connections wait in its selector.
"""

import errno
import logging
import socket
import ssl
from typing import Any, Final, NamedTuple, cast

from nova_lite.api import wsgi
from nova_lite.base import concurrency, policy
from nova_lite.base.service import Service
from nova_lite.domain import errors
from nova_lite.rpc.clients import Clients

LOG = logging.getLogger(__name__)

PROG: Final = "nova-lite-api"
BACKLOG: Final = 1024
# Threads that work on requests, each. More connections than that wait for their turn.
THREADS: Final = 32


class Place(NamedTuple):
    """Where to listen, the option that says so (with _port behind it, for the port), and what
    is served there."""

    host: str
    port: int
    option: str
    what: str


def compute_place(conf: Any) -> Place:
    host, port = conf.osapi_compute_listen, conf.osapi_compute_listen_port
    return Place(host, port, "osapi_compute_listen", "the compute API")


def build(
    conf: Any, bus: Any, clients: Any = None, *, sock: socket.socket | None = None
) -> Service:
    """The API as a service: the application and the server around it.

    `sock`: one that `listen` made before the workers were forked, else it is made at start.
    """
    app = wsgi.build(conf, bus, clients)
    return Service(PROG, [HttpServer(conf, app, sock)])


def listen(conf: Any, place: Place | None = None) -> socket.socket:
    """The socket of [DEFAULT] osapi_compute_listen, or of another place. ConfigurationError
    when it is taken."""
    host, port, option, _ = place or compute_place(conf)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, conf.wsgi.tcp_keepidle)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        taken = error.errno == errno.EADDRINUSE
        raise errors.ConfigurationError(
            option=option + ("_port" if taken else ""),
            reason=f"{host}:{port}: {error.strerror}",
        ) from error
    return sock


def preload(conf: Any) -> None:
    """Do once, before workers are forked, what would be the same in all of them: their memory
    is then shared. ConfigurationError for what is wrong with files."""
    tls_context(conf)
    policy.setup(conf)
    wsgi.build(conf, None, clients=cast(Clients, _Nobody()))


class _Nobody:
    """In place of clients, for an application that is never called."""


def tls_context(conf: Any) -> ssl.SSLContext | None:
    """What [wsgi] ssl_* say; None without a certificate. ConfigurationError for bad files."""
    if not conf.wsgi.ssl_cert_file:
        if conf.wsgi.ssl_key_file or conf.wsgi.ssl_ca_file:
            raise errors.ConfigurationError(
                option="[wsgi] ssl_cert_file", reason="is needed with ssl_key_file or ssl_ca_file"
            )
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    option = "[wsgi] ssl_cert_file"
    try:
        context.load_cert_chain(conf.wsgi.ssl_cert_file, conf.wsgi.ssl_key_file)
        if conf.wsgi.ssl_ca_file:
            option = "[wsgi] ssl_ca_file"
            context.load_verify_locations(conf.wsgi.ssl_ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
    except (OSError, ssl.SSLError) as error:
        raise errors.ConfigurationError(option=option, reason=str(error)) from error
    return context


class HttpServer:
    """A part of a service: see `base.service.Part`. `place`: that of the compute API, if not
    another; `tls`: speak it where [wsgi] says so."""

    def __init__(
        self,
        conf: Any,
        app: wsgi.App,
        sock: socket.socket | None = None,
        *,
        place: Place | None = None,
        tls: bool = True,
    ) -> None:
        self._conf = conf
        self._app = app
        self._sock = sock
        self._place = place or compute_place(conf)
        self._tls = tls
        self._server: Any = None
        self.address: tuple[str, int] | None = None

    def start(self) -> None:
        context = tls_context(self._conf) if self._tls else None
        sock = self._sock or listen(self._conf, self._place)
        self.address = sock.getsockname()[:2]
        make = _green if concurrency.backend() == "eventlet" else _threaded
        self._server = make(self._conf, self._app, sock, context)
        self._server.start()
        LOG.info("Serving %s at %s port %s", self._place.what, *self.address)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()

    def wait(self, timeout: float | None = None) -> bool:
        return self._server is None or bool(self._server.wait(timeout))


def _green(conf: Any, app: wsgi.App, sock: Any, context: ssl.SSLContext | None) -> Any:
    if context is not None:
        sock = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
    return concurrency.GreenHttpServer(
        sock,
        app,
        pool_size=conf.wsgi.default_pool_size,
        keep_alive=conf.wsgi.keep_alive,
        idle_timeout=conf.wsgi.client_socket_timeout or None,
        max_line=conf.wsgi.max_header_line,
    )


def _threaded(conf: Any, app: wsgi.App, sock: Any, context: ssl.SSLContext | None) -> Any:
    from nova_lite.api.threaded import ThreadedHttpServer, Tls

    tls = None
    if context is not None:
        certificate = conf.wsgi.ssl_cert_file
        tls = Tls(context, certificate, conf.wsgi.ssl_key_file or certificate)
    return ThreadedHttpServer(
        sock,
        app,
        tls,
        threads=min(THREADS, conf.wsgi.default_pool_size),
        connections=conf.wsgi.default_pool_size if conf.wsgi.keep_alive else 0,
        idle_timeout=conf.wsgi.client_socket_timeout or 900,
        max_header=conf.wsgi.max_header_line,
    )
