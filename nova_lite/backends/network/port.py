# SPDX-License-Identifier: Apache-2.0
"""The network port: addresses and interfaces for servers.

Allocation and binding are two steps, because a server is bound to a host later than it is
given its addresses, and is bound again when it moves.
"""

from collections.abc import Sequence
from typing import Protocol

from nova_lite.base.context import RequestContext
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.instance import Instance


class NetworkPort(Protocol):
    """Every method may be called twice. Raises NetworkNotFound, PortNotFound, PortInUse,
    FixedIpInUse, NetworkUnavailable."""

    def validate(
        self,
        context: RequestContext,
        wishes: str | list[NetworkWish] | None,
        count: int,
        security_groups: Sequence[str] = (),
    ) -> None:
        """Refuse what could never be given, before anything is written. `wishes` as in
        CreateServers.networks; `count` servers will ask for it. Groups by id or name; a back end
        without them takes every name."""
        ...

    def allocate(
        self,
        context: RequestContext,
        instance: Instance,
        wishes: str | list[NetworkWish] | None,
        security_groups: list[str],
    ) -> list[Vif]:
        """Ports for this server, made or taken; found again when they exist already."""
        ...

    def bind(self, context: RequestContext, instance: Instance, host: str) -> list[Vif]:
        """Bind all ports of the server to `host`; the Vifs say how to plug them there."""
        ...

    def wait_active(self, context: RequestContext, instance: Instance, timeout: float) -> bool:
        """True when every port reported itself plugged within `timeout` seconds."""
        ...

    def unbind(self, context: RequestContext, instance: Instance) -> None:
        """The server is on no host now: its ports stay, with their addresses, and are bound again
        when it has one."""
        ...

    def release(self, context: RequestContext, instance: Instance) -> None:
        """Give back all ports: delete those made here, unbind those that were brought."""
        ...

    def add(
        self, context: RequestContext, instance: Instance, wish: NetworkWish, new_id: str
    ) -> Vif:
        """One more interface, bound to the server's host. `new_id` is for a port that has to be
        made; `wish` without network and port: the one network that there is to choose. Raises
        as `validate` and NetworkAmbiguous."""
        ...

    def remove(self, context: RequestContext, instance: Instance, port_id: str) -> None:
        """Give back one interface, as `release` does; one that is gone is no error."""
        ...
