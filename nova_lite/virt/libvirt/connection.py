# SPDX-License-Identifier: Apache-2.0
"""The connection to libvirt: made when it is needed, made again when it broke.

Calls block, and are made on native threads. A broken connection is noticed by a call that
fails, by the keep-alive, or by libvirt's own word; then it is made again with back-off, by the
next call or by the watching thread, whichever is first.
"""

import contextlib
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from nova_lite.base import clock, concurrency
from nova_lite.domain.errors import HypervisorUnavailable
from nova_lite.virt.libvirt import errors, loop

LOG = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE = 0.5  # seconds between tries to connect; doubled up to
LONGEST_PAUSE = 15.0
KEEPALIVE_INTERVAL = 5  # seconds of silence before libvirt is asked whether it is there
KEEPALIVE_COUNT = 5  # such questions without an answer mean that it is not


class Connection:
    """`host` is the name of this compute service, for messages."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self.host = ""
        threading = concurrency.original("threading")
        self._lock = threading.RLock()
        self._broke = threading.Event()
        self._connection: Any = None
        self._next_try = 0.0
        self._pause = FIRST_PAUSE
        self._reason = ""
        self._listeners: list[Callable[[Any], None]] = []

    @property
    def lib(self) -> Any:
        """The binding, for its constants."""
        return errors.binding()

    def on_connect(self, listener: Callable[[Any], None]) -> None:
        """Call `listener` with each new connection, the present one included."""
        with self._lock:
            self._listeners.append(listener)
            if self._connection is not None:
                listener(self._connection)

    def call(
        self, fn: Callable[[Any], T], operation: str, name: str = "", again: bool = False
    ) -> T:
        """What `fn` returns for the libvirt connection.

        `operation` and `name` (of a guest) are for the error. `again`: may be done twice, so
        that a connection which breaks meanwhile is no failure yet. Raises GuestNotFound,
        GuestOperationFailed, HypervisorUnavailable.
        """
        connection = self.get()
        try:
            return fn(connection)
        except errors.failure() as error:
            if errors.is_broken(error):
                self._forget(connection, errors.message(error))
                if again:
                    return self.call(fn, operation, name)
            raise errors.translate(error, self.host, operation, name) from error

    def get(self) -> Any:
        """The live connection. Raises HypervisorUnavailable, at once while it was tried a
        moment ago."""
        with self._lock:
            if self._connection is not None and self._connection.isAlive():
                self._broke.clear()
                return self._connection
            if clock.monotonic() < self._next_try:
                raise self._unavailable()
            self._release()
            try:
                self._connection = self._open()
            except errors.failure() as error:
                self._reason = errors.connect_reason(error, self.uri)
                self._next_try = clock.monotonic() + self._pause
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
                raise self._unavailable() from error
            self._pause = FIRST_PAUSE
            self._next_try = 0.0
            self._broke.clear()
            for listener in self._listeners:
                listener(self._connection)
            return self._connection

    def watch(self, connected_again: Callable[[], None]) -> None:
        """Keep it connected, for ever: for a native thread of its own. `connected_again` is
        called after each time that the connection was lost."""
        pause = concurrency.original("threading").Event()
        while True:
            self._broke.wait()
            try:
                self.get()
            except HypervisorUnavailable:
                pause.wait(FIRST_PAUSE)
                continue
            LOG.info("Connected to %s again", self.uri)
            connected_again()

    # --- inside ---------------------------------------------------------------------------

    def _open(self) -> Any:
        lib = self.lib
        loop.start()
        connection = lib.open(self.uri)
        connection.registerCloseCallback(self._closed, None)
        try:
            connection.setKeepAlive(KEEPALIVE_INTERVAL, KEEPALIVE_COUNT)
        except errors.failure() as error:
            # Drivers inside the client (test:///) have nobody to keep alive.
            LOG.debug("No keep-alive for %s: %s", self.uri, errors.message(error))
        return connection

    def _closed(self, connection: Any, reason: int, _: Any) -> None:
        """Called by libvirt in the thread of the event loop, which must not wait for a lock."""
        names = {1: "end of file", 2: "keep-alive timed out"}
        self._reason = f"the connection was closed ({names.get(reason, 'error')})"
        LOG.warning("Connection to %s is broken: %s", self.uri, self._reason)
        self._broke.set()

    def _forget(self, connection: Any, reason: str) -> None:
        with self._lock:
            if connection is self._connection:
                self._release()
                self._reason = reason
                self._broke.set()

    def _release(self) -> None:
        old, self._connection = self._connection, None
        if old is None:
            return
        with contextlib.suppress(errors.failure()):
            old.unregisterCloseCallback()
            old.close()

    def _unavailable(self) -> HypervisorUnavailable:
        return HypervisorUnavailable(service="libvirt", host=self.host, reason=self._reason)
