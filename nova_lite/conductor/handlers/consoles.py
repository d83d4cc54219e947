# SPDX-License-Identifier: Apache-2.0
"""Tokens of consoles: made for users, checked for proxies.

Where a console is, is asked of its host each time that it is opened: ports change when guests
start again, and the port that a token was made with may be another guest's by then.
"""

import logging
from datetime import timedelta
from typing import Final

from nova_lite.base.context import RequestContext
from nova_lite.conductor import host_status
from nova_lite.conductor.abilities import Abilities
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.db.cell import console_tokens, instances
from nova_lite.domain import console, errors, lifecycle
from nova_lite.domain.cell import Cell
from nova_lite.domain.console import (
    ConsoleAccess,
    ConsoleConnection,
    ConsoleOffer,
    ConsoleToken,
    ConsoleType,
)
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

LOG = logging.getLogger(__name__)

UNKNOWN: Final = "this link to a console is not known; it may have ended with its server"
GONE: Final = "the server of this console is not there any more"
MOVED: Final = "the server of this console is on another host now; ask for a new link"


class ConsoleHandlers:
    def __init__(self, deps: Deps, cells: Cells) -> None:
        self._deps = deps
        self._cells = cells
        self._abilities = Abilities(deps)

    def create_console(
        self, context: RequestContext, *, uuid: str, kind: ConsoleType
    ) -> ConsoleAccess:
        cell, found = self._cells.find(context, uuid)
        lifecycle.check(Action.GET_CONSOLE, found.snapshot(), is_admin=context.is_admin)
        offer = self._offer(context, cell, found, kind)
        token = console.new_token()
        expires = self._deps.clock.now() + timedelta(seconds=self._deps.conf.consoleauth.token_ttl)
        row = ConsoleToken(
            digest=console.digest_of(token),
            instance_uuid=uuid,
            kind=kind,
            host=found.host or "",
            address=offer.address,
            base_url=offer.base_url,
            expires_at=expires,
        )
        self._deps.databases.run_cell(cell, lambda tx: console_tokens.insert(tx, row))
        LOG.info("[instance: %s] a link to its %s console was made", uuid, kind)
        return ConsoleAccess(
            protocol=console.PROTOCOLS[kind],
            kind=kind,
            url=console.url_of(kind, offer.base_url, token),
            expires_at=expires,
        )

    def show_console_token(self, context: RequestContext, *, token: str) -> ConsoleConnection:
        found = self._find(token)
        if found is None or found[1].expires_at <= self._deps.clock.now():
            raise errors.ConsoleTokenNotFound()
        return _connection(found[1])

    def check_console_token(
        self, context: RequestContext, *, token: str, kinds: list[ConsoleType]
    ) -> ConsoleConnection:
        found = self._find(token)
        if found is None:
            raise errors.ConsoleTokenRefused(reason=UNKNOWN)
        cell, row = found
        single_use = self._deps.conf.consoleauth.single_use
        reason = console.refusal(row, self._deps.clock.now(), single_use=single_use)
        if reason is not None:
            raise errors.ConsoleTokenRefused(reason=reason)
        console.check_kind(row.kind, kinds)
        offer = self._current(context, cell, row)
        if not self._use(cell, row) and single_use:
            raise errors.ConsoleTokenRefused(reason=console.USED)
        LOG.info("[instance: %s] its %s console is opened", row.instance_uuid, row.kind)
        return _connection(row, offer)

    def _find(self, token: str) -> tuple[Cell, ConsoleToken] | None:
        """A token does not say which cell it is of. Raises DatabaseUnavailable when it is in none
        of those that answer, and one does not."""
        digest = console.digest_of(token)
        away: errors.DatabaseUnavailable | None = None
        for cell in self._deps.databases.compute_cells():
            try:
                with self._deps.databases.read_cell(cell) as tx:
                    row = console_tokens.get(tx, digest)
            except errors.DatabaseUnavailable as error:
                LOG.warning("cell %s has no tokens now: %s", cell.name or cell.uuid, error)
                away = error
                continue
            if row is not None:
                return cell, row
        if away is not None:
            raise away
        return None

    def _current(self, context: RequestContext, cell: Cell, row: ConsoleToken) -> ConsoleOffer:
        """Where the console is now. Raises ConsoleTokenRefused."""
        try:
            with self._deps.databases.read_cell(cell) as tx:
                server = instances.get(tx, row.instance_uuid)
            if server.host != row.host:
                raise errors.ConsoleTokenRefused(reason=MOVED)
            return self._offer(context, cell, server, row.kind)
        except errors.InstanceNotFound as error:
            raise errors.ConsoleTokenRefused(reason=GONE) from error
        except (errors.Conflict, errors.Invalid, errors.Unsupported, errors.Unavailable) as error:
            raise errors.ConsoleTokenRefused(reason=error.message) from error

    def _offer(
        self, context: RequestContext, cell: Cell, server: Instance, kind: ConsoleType
    ) -> ConsoleOffer:
        if server.host is None:
            raise errors.InstanceNotReady(instance_id=server.uuid)
        with self._deps.databases.read_cell(cell) as tx:
            if not host_status.is_up(tx, self._deps.conf, server.host):
                raise errors.HostUnavailable()
            self._abilities.check(tx, server.host, Action.GET_CONSOLE)
        host = self._deps.clients.compute(server.host)
        offer: ConsoleOffer = host.get_console(context, instance=server, kind=kind)
        return offer

    def _use(self, cell: Cell, row: ConsoleToken) -> bool:
        """Whether this is the first time."""
        if row.used_at is not None:
            return False
        return self._deps.databases.run_cell(cell, lambda tx: console_tokens.use(tx, row.digest))


def _connection(row: ConsoleToken, offer: ConsoleOffer | None = None) -> ConsoleConnection:
    return ConsoleConnection(
        instance_uuid=row.instance_uuid,
        kind=row.kind,
        address=offer.address if offer else row.address,
        base_url=row.base_url,
        expires_at=row.expires_at,
    )
