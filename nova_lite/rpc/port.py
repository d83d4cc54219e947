# SPDX-License-Identifier: Apache-2.0
"""The port of the bus: what its adapters, RabbitMQ and in-process, have in common.

Addresses: a topic is the name of a service (`conductor`), a server one process of it (`node1`).
A message to a topic goes to any one of its servers, one to a server to that one, a fanout to
all. What is carried is text (codec.py); the method's name is given beside it for logs and
faults only.
"""

from collections.abc import Callable
from typing import Protocol

# Takes the text of a request, returns the text of its reply. Never raises.
Dispatch = Callable[[str | bytes], str]


class ServerHandle(Protocol):
    """A server that is listening."""

    def stop(self) -> None:
        """Take no more messages."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Until what was taken is done; False when some was not after `timeout` seconds."""
        ...


class Bus(Protocol):
    """Errors: RpcTimeout when no answer came in time, RpcUnreachable when nobody listens or the
    broker cannot be reached. Both are `Unavailable`."""

    def connect(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Wait until the broker can be reached, with a line in the log for each try; give up
        when `stopping()`. Clients need not call this: each message tries for itself."""
        ...

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
        """Send and wait for the reply. With `monitor`, give up as soon as the server has been
        silent for that many seconds."""
        ...

    def cast(self, topic: str, server: str | None, method: str, text: str) -> None: ...

    def fanout(self, topic: str, method: str, text: str) -> None: ...

    def serve(
        self, topic: str, server: str, dispatch: Dispatch, *, workers: int = 64
    ) -> ServerHandle:
        """Listen for the topic, the server's own messages and fanouts."""
        ...

    def close(self) -> None:
        """Stop every server and drop the connections."""
        ...
