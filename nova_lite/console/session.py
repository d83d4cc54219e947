# SPDX-License-Identifier: Apache-2.0
"""A session: token, connection to the host, both ways, end. Each refusal says why."""

import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any, Final

from nova_lite.base import clock, concurrency
from nova_lite.base.context import service_context, use
from nova_lite.console import checks, pump, rfb
from nova_lite.console.kinds import Kind
from nova_lite.console.stream import (
    FAILED,
    FULL,
    POLICY,
    BrowserStream,
    Ended,
    HostStream,
    keep_alive,
)
from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleConnection
from nova_lite.rpc.clients import Clients

LOG = logging.getLogger(__name__)

REACH: Final = 10.0  # seconds to connect to a host
NO_TOKEN: Final = "this is no link to a console: it has no token"
NO_ROOM: Final = "too many consoles are open here; try again later"
UNREACHABLE: Final = "the host of the server cannot be reached"


class Session:
    """What all sessions of a proxy have in common. `most` of them at a time."""

    def __init__(
        self,
        conf: Any,
        kind: Kind,
        clients: Clients,
        schemes: Sequence[rfb.Scheme],
        most: int,
        stopping: Callable[[], bool],
    ) -> None:
        self._conf = conf
        self._kind = kind
        self._clients = clients
        self._schemes = schemes
        self._places = concurrency.Semaphore(most)
        self._stopping = stopping

    def run(self, browser: BrowserStream, path: str, headers: Any, peer: str) -> None:
        """Until it ends; does not raise."""
        started = clock.monotonic()
        placed = self._places.acquire(blocking=False)
        try:
            if placed:
                ended = self._session(browser, path, headers, peer)
            else:
                ended = self._refused(browser, Ended(FULL, NO_ROOM))
        except Ended as error:
            ended = error
        except Exception:
            LOG.exception("the session of %s broke", peer)
            ended = Ended(FAILED, "the console proxy has a problem; its log tells more")
        finally:
            if placed:
                self._places.release()
        LOG.info(
            "Session of %s ended after %.0f s: %s", peer, clock.monotonic() - started, ended.reason
        )
        browser.close(ended.code, ended.reason)

    def _session(self, browser: BrowserStream, path: str, headers: Any, peer: str) -> Ended:
        try:
            found = self._authorized(path, headers)
            host = self._reach(found)
        except Ended as refused:
            return self._refused(browser, refused)
        LOG.info("[instance: %s] %s console opened by %s", found.instance_uuid, found.kind, peer)
        try:
            if self._kind.rfb:
                host = rfb.begin(browser, host, self._schemes)
            return pump.carry(browser, host, self._ends_at(found), self._stopping)
        finally:
            host.close()

    def _refused(self, browser: BrowserStream, refused: Ended) -> Ended:
        if self._kind.rfb:
            with contextlib.suppress(Ended):  # who speaks no RFB reads the close frame
                rfb.refuse(browser, refused.reason)
        return refused

    def _authorized(self, path: str, headers: Any) -> ConsoleConnection:
        origin = headers.get("Origin")
        objection = checks.objection_to_origin(
            origin, headers.get("Host"), self._conf.console.allowed_origins
        )
        if objection is not None:
            raise Ended(POLICY, objection)
        token = checks.token_of(path, headers.get("Cookie"))
        if token is None:
            raise Ended(POLICY, NO_TOKEN)
        found = self._ask(token)
        objection = checks.objection_to_scheme(origin, found.base_url)
        if objection is not None:
            raise Ended(POLICY, objection)
        return found

    def _ask(self, token: str) -> ConsoleConnection:
        with use(service_context()) as context:
            try:
                found: ConsoleConnection = self._clients.conductor.check_console_token(
                    context, token=token, kinds=list(self._kind.types)
                )
            except errors.ConsoleTokenRefused as error:
                raise Ended(POLICY, error.message) from error
            except errors.NovaLiteError as error:
                LOG.warning("a token could not be checked: %s", error.message)
                raise Ended(FAILED, "links to consoles cannot be checked now") from error
        return found

    def _reach(self, found: ConsoleConnection) -> HostStream:
        address = found.address
        if address.port is None:
            raise Ended(FAILED, "this console can be reached with encryption only")
        try:
            sock = socket.create_connection((address.host, address.port), REACH)
            keep_alive(sock)
        except OSError as error:
            LOG.warning(
                "[instance: %s] its console at %s port %s: %s",
                *(found.instance_uuid, address.host, address.port, error),
            )
            raise Ended(FAILED, UNREACHABLE) from error
        return HostStream(sock)

    def _ends_at(self, found: ConsoleConnection) -> float | None:
        if not self._conf.consoleauth.enforce_session_timeout:
            return None
        return clock.monotonic() + (found.expires_at - clock.now()).total_seconds()
