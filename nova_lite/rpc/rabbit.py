# SPDX-License-Identifier: Apache-2.0
"""The bus over RabbitMQ, by oslo.messaging.

oslo.messaging sees one method with one argument, the text of codec.py; what the text says is
ours to read. So nothing that it does with values (serializers, endpoints, remote exceptions)
is used, and what it could not dispatch is refused in the dispatcher below.
"""

import logging
import socket
from collections.abc import Callable
from typing import Any

import amqp
import kombu.exceptions
import oslo_messaging
from oslo_config import cfg
from oslo_messaging._drivers import amqpdriver, impl_rabbit
from oslo_messaging.rpc import dispatcher as messaging_dispatcher
from oslo_messaging.rpc import server as messaging_server

from nova_lite.base import clock, concurrency
from nova_lite.domain import errors
from nova_lite.rpc import codec
from nova_lite.rpc.lifesigns import LifeSigns
from nova_lite.rpc.port import Dispatch

LOG = logging.getLogger(__name__)

# What comes through oslo.messaging as it is when the connection breaks at the wrong moment.
BROKEN = (kombu.exceptions.OperationalError, amqp.AMQPError, OSError)

# The only method and the only argument that oslo.messaging knows of.
METHOD = "request"
ARGUMENT = "text"

# Tries to reach a broker that is down before a sender is told; together about 15 s.
SEND_RETRIES = 3

# Other defaults for options of [oslo_messaging_rabbit], in seconds. A reply whose caller is gone
# keeps a worker no longer than that; after an outage everybody is back soon.
cfg.set_defaults(
    impl_rabbit.rabbit_opts, kombu_missing_consumer_retry_timeout=15, rabbit_interval_max=5
)

# After each message oslo.messaging's pollers look for work of their own process after 1, 2, 4, ...
# 4096 ms, to acknowledge notifications that somebody is done with. RPC is acknowledged where it
# arrives, so most of these thirteen looks are left out: they cost more CPU time than the message.
# Not longer, because a poller that is to stop finds out at such a look.
amqpdriver.ACK_REQUEUE_EVERY_SECONDS_MIN = 1.0

# The longest pause (seconds) between tries to reach the broker at start.
LONGEST_CONNECT_PAUSE = 15.0
CONNECT_TIMEOUT = 5.0

# The first and the longest pause between looks for a listener that is not there (yet).
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 0.5


class RabbitBus:
    """A `Bus`. `conf` has to be oslo.config's global CONF: oslo.messaging uses that one."""

    def __init__(self, conf: cfg.ConfigOpts, *, patience: float = 5.0) -> None:
        """`patience`: seconds to wait for a listener where there is none. The broker is not
        contacted yet. ConfigurationError when transport_url makes no sense."""
        try:
            self._transport = oslo_messaging.get_rpc_transport(conf)
        except (oslo_messaging.DriverLoadFailure, oslo_messaging.InvalidTransportURL) as error:
            raise errors.ConfigurationError(
                option="[DEFAULT] transport_url", reason=_one_line(error)
            ) from error
        self._conf = conf
        self._patience = patience
        self._client = oslo_messaging.get_rpc_client(
            self._transport, oslo_messaging.Target(topic="none"), retry=SEND_RETRIES
        )
        self._must_arrive = oslo_messaging.TransportOptions(at_least_once=True)
        self._servers: list[RabbitServerHandle] = []

    def connect(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """See `Bus.connect`."""
        url = oslo_messaging.TransportURL.parse(self._conf)
        tls = self._conf.oslo_messaging_rabbit.ssl
        pause = 1.0
        while not stopping():
            problem = _try_hosts(url, tls)
            if problem is None:
                return
            LOG.error(
                "[DEFAULT] transport_url: the broker at %s; next try in %.0f s", problem, pause
            )
            clock.sleep(pause)
            pause = min(pause * 2, LONGEST_CONNECT_PAUSE)

    def call(
        self,
        topic: str,
        server: str | None,
        method: str,
        text: str,
        *,
        timeout: float,
        monitor: float | None = None,
    ) -> str | bytes:
        prepared = self._client.prepare(
            topic=topic,
            server=server,
            timeout=timeout,
            call_monitor_timeout=int(monitor) if monitor else None,
            transport_options=self._must_arrive,
        )
        began = clock.monotonic()
        try:
            reply = self._deliver(topic, server, timeout, prepared.call, text)
        except oslo_messaging.MessagingTimeout as error:
            # With `monitor` this is the silence of the server, long before the time limit.
            waited = round(clock.monotonic() - began, 1)
            raise errors.RpcTimeout(
                service=topic, topic=topic, method=method, timeout=waited, reason="no answer"
            ) from error
        except oslo_messaging.RemoteError as error:
            raise errors.BadMessage(reason=f"{topic} refused it: {error.exc_type}") from error
        if not isinstance(reply, str):
            raise errors.BadMessage(reason=f"{topic} answered with something that is no text")
        return reply

    def cast(self, topic: str, server: str | None, method: str, text: str) -> None:
        prepared = self._client.prepare(
            topic=topic, server=server, transport_options=self._must_arrive
        )
        self._deliver(topic, server, self._patience, prepared.cast, text)

    def fanout(self, topic: str, method: str, text: str) -> None:
        prepared = self._client.prepare(topic=topic, fanout=True)
        self._deliver(topic, None, 0, prepared.cast, text)

    def _deliver(self, topic: str, server: str | None, timeout: float, send: Any, text: str) -> Any:
        """Send; look again for a while when nobody listens, as after a broker's restart."""
        deadline = clock.monotonic() + min(timeout, self._patience)
        pause = FIRST_PAUSE
        where = f"{topic}.{server}" if server else topic
        while True:
            try:
                return send({}, METHOD, **{ARGUMENT: text})
            except oslo_messaging.MessageUndeliverable as error:
                if clock.monotonic() + pause > deadline:
                    raise errors.RpcUnreachable(
                        service=where, reason="nobody listens there"
                    ) from error
            except (oslo_messaging.MessageDeliveryFailure, *BROKEN) as error:
                raise errors.RpcUnreachable(service=where, reason=_one_line(error)) from error
            clock.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def serve(
        self, topic: str, server: str, dispatch: Dispatch, *, workers: int = 64
    ) -> "RabbitServerHandle":
        handle = RabbitServerHandle(self._transport, topic, server, dispatch, workers)
        self._servers.append(handle)
        return handle

    def close(self) -> None:
        for server in self._servers:
            server.stop()
        self._servers.clear()
        self._transport.cleanup()


class RabbitServerHandle:
    """A listening server. Made by `RabbitBus.serve`."""

    def __init__(
        self, transport: Any, topic: str, server: str, dispatch: Dispatch, workers: int
    ) -> None:
        self._signs = LifeSigns()
        self._server = messaging_server.RPCServer(
            transport,
            oslo_messaging.Target(topic=topic, server=server),
            _Dispatcher(dispatch, self._signs),
            concurrency.backend(),
        )
        self._server.start(override_pool_size=workers)
        self._stopped = False

    def stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._server.stop()

    def wait(self, timeout: float | None = None) -> bool:
        self.stop()
        # oslo.messaging's own wait cannot be limited in time.
        waiting = concurrency.spawn(self._server.wait)
        try:
            waiting.wait(timeout)
        except TimeoutError:
            return False
        finally:
            self._signs.stop()
        return True


class _Dispatcher(messaging_dispatcher.RPCDispatcher):
    """Takes every message to our own dispatch, refuses those that are none of ours."""

    def __init__(self, dispatch: Dispatch, signs: LifeSigns) -> None:
        super().__init__([], None)
        self._dispatch = dispatch
        self._signs = signs

    def dispatch(self, incoming: Any) -> str:
        text = _text_of(incoming.message)
        if text is None:
            LOG.error("Refused a message that is no request of ours")
            return codec.encode_error(errors.BadMessage(reason="not a request of ours"))
        if not incoming.client_timeout:
            return self._dispatch(text)
        with self._signs.of(incoming):
            return self._dispatch(text)


def _text_of(message: Any) -> str | None:
    if not isinstance(message, dict) or message.get("method") != METHOD:
        return None
    arguments = message.get("args")
    text = arguments.get(ARGUMENT) if isinstance(arguments, dict) else None
    return text if isinstance(text, str) else None


def _try_hosts(url: oslo_messaging.TransportURL, tls: bool) -> str | None:
    """None when one of the hosts lets us in, else what each of them does."""
    problems = []
    for host in url.hosts or [oslo_messaging.TransportHost()]:
        name, port = host.hostname or "localhost", host.port or 5672
        try:
            with socket.create_connection((name, port), timeout=CONNECT_TIMEOUT):
                pass
            if not tls:  # with TLS this would need oslo.messaging's settings for it
                _log_in(host, name, port, url.virtual_host or "/")
            return None
        except OSError as error:
            problems.append(f"{name}:{port} is unreachable ({_one_line(error)})")
        except amqp.exceptions.AMQPError as error:
            problems.append(f"{name}:{port} refuses us ({_one_line(error)})")
    return ", ".join(problems)


def _log_in(host: oslo_messaging.TransportHost, name: str, port: int, vhost: str) -> None:
    connection = amqp.Connection(
        f"{name}:{port}",
        userid=host.username or "guest",
        password=host.password or "guest",
        virtual_host=vhost,
        connect_timeout=CONNECT_TIMEOUT,
    )
    try:
        connection.connect()
    finally:
        connection.collect()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
