# SPDX-License-Identifier: Apache-2.0
"""Ports that servers use: taken or made, bound to a host, given back."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from nova_lite.conductor.network import groups, ports
from nova_lite.conductor.network.change import Change
from nova_lite.db.api import network_rows
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish
from nova_lite.domain.errors_network import NetworkResourceNotFound
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import Network, Port, SecurityGroup

OWNER: Final = f"{ports.COMPUTE}nova"


def of_server(tx: Tx, instance: Instance) -> list[Port]:
    """The ports that a server uses, in the order in which they were made. Others may name its
    id as their device; that does not make them the server's."""
    found = network_rows.find(tx, Port, device_id=instance.uuid)
    return [port for port in found if port.device_owner.startswith(ports.COMPUTE)]


def take(change: Change, instance: Instance, port_id: str) -> Port:
    """A port that was brought. Raises PortNotFound, PortInUse."""
    found = network_rows.find(change.tx, Port, uuid=port_id)
    if not found:
        raise errors.PortNotFound(port_id=port_id)
    port = found[0]
    if port.project_id != instance.project_id and not change.context.is_admin:
        raise errors.PortNotFound(port_id=port_id)
    if port.device_id not in ("", instance.uuid):
        raise errors.PortInUse(port_id=port_id)
    if port.device_id == instance.uuid:
        return port
    taken = replace(
        port, device_id=instance.uuid, device_owner=OWNER, hostname=instance.hostname or ""
    )
    change.networks.add(port.network_id)
    return network_rows.put(change.tx, taken)


def make(
    change: Change,
    instance: Instance,
    wish: NetworkWish,
    new_id: str,
    security_groups: Sequence[str],
) -> Port:
    """A port that goes with its server. Raises NetworkNotFound, and as `ports.create`."""
    try:
        network = change.seen(Network, wish.uuid or "")
    except NetworkResourceNotFound:
        raise errors.NetworkNotFound(network_id=wish.uuid or "") from None
    wanted = list(security_groups) or [groups.DEFAULT]
    members = groups.named(change, instance.project_id, wanted) if network.port_security else []
    values = {
        "network_id": network.id,
        "project_id": instance.project_id,
        "device_id": instance.uuid,
        "device_owner": OWNER,
        "security_groups": [group.id for group in members],
        "addresses": [{"address": wish.fixed_ip}] if wish.fixed_ip else None,
    }
    hostname = instance.hostname or ""
    return ports.create(change, values, new_id, hostname=hostname, preexisting=False)


def bound(change: Change, port: Port, host: str) -> Port:
    """As it is on this host."""
    if port.host == host:
        return port
    change.networks.add(port.network_id)
    return network_rows.put(change.tx, replace(port, host=host, status="DOWN"))


def unbound(change: Change, port: Port) -> None:
    """On no host; everything else of it stays."""
    if port.host is not None:
        change.networks.add(port.network_id)
        network_rows.put(change.tx, replace(port, host=None, status="DOWN"))


def released(change: Change, port: Port) -> None:
    """Without its server: gone, or free again when it was brought."""
    if not port.preexisting:
        ports.remove(change, port)
        return
    change.networks.add(port.network_id)
    freed = replace(port, device_id="", device_owner="", host=None, status="DOWN", hostname="")
    network_rows.put(change.tx, freed)


def with_group(change: Change, port: Port, group: SecurityGroup, *, member: bool) -> None:
    """Make it a member of the group, or no longer."""
    if (group.id in port.security_groups) is member:
        return
    members = [each for each in port.security_groups if each != group.id]
    members += [group.id] if member else []
    network_rows.set_groups(change.tx, port.id, members)
    network_rows.put(change.tx, replace(port, security_groups=members))
    change.networks.add(port.network_id)
