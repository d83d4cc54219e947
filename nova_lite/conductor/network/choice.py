# SPDX-License-Identifier: Apache-2.0
"""What servers ask of networks: what could never be given, and what they get by themselves."""

import ipaddress
from collections.abc import Sequence

from nova_lite.base import ids
from nova_lite.conductor.network import groups, networks
from nova_lite.conductor.network.change import Change
from nova_lite.db.api import network_rows
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish
from nova_lite.domain.errors_network import NetworkConflict, NetworkResourceNotFound
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import Network, Port, SecurityGroup, Subnet

Wishes = str | Sequence[NetworkWish] | None


def check(change: Change, wishes: Wishes, count: int, instance: Instance | None = None) -> int:
    """How many ports have to be made for each server. `instance`: who asks, when it is there
    already. Raises what the network port's `validate` does."""
    if wishes == "none":
        return 0
    if not isinstance(wishes, list) or not wishes:
        return _check_automatic(change, wishes)
    for wish in wishes:
        if wish.port is not None:
            _check_port(change, wish.port, count, instance)
        else:
            _check_network(change, wish, count)
    named = [wish.port for wish in wishes if wish.port is not None]
    if len(set(named)) < len(named):
        raise errors.PortInUse(port_id=named[0])
    return sum(wish.port is None for wish in wishes)


def _check_automatic(change: Change, wishes: Wishes) -> int:
    may_make = change.conf.network.project_networks
    choice = _choice(change, change.context.project_id or "")
    if len(choice) > 1:
        raise errors.NetworkAmbiguous()
    if not choice and wishes == "auto" and not may_make:
        raise errors.NetworkNotFound(
            "Unable to automatically allocate a network for the project: it has none, and "
            "[network] project_networks is off.",
            network_id="auto",
        )
    return 1 if choice or may_make else 0


def listed(change: Change, wishes: Wishes, project: str) -> list[NetworkWish]:
    """One by one; the network of the project, which may have to be made, for those who name
    none. Raises NetworkAmbiguous."""
    if isinstance(wishes, list) and wishes:
        return list(wishes)
    choice = _choice(change, project)
    if len(choice) > 1:
        raise errors.NetworkAmbiguous()
    if not choice:
        if not change.conf.network.project_networks:
            return []
        choice = [_make_network(change, project)]
    return [NetworkWish(uuid=choice[0].id)]


def _make_network(change: Change, project: str) -> Network:
    """The network of a project that has none."""
    name = change.conf.network.project_network_name
    values = {"name": name, "project_id": project}
    made = networks.create(change, values, ids.new_uuid())
    subnet = {
        "network_id": made.id,
        "name": name,
        "cidr": change.conf.network.project_network_cidr,
        "project_id": project,
        "dns": list(change.conf.network.project_network_dns),
    }
    networks.create_subnet(change, subnet, ids.new_uuid())
    return network_rows.get(change.tx, Network, made.id)


def _choice(change: Change, project: str) -> list[Network]:
    """What a project may attach to without naming it: its own and shared ones."""
    found = network_rows.find(change.tx, Network, network_rows.visible(Network, project))
    return [
        each for each in found
        if not each.external and each.subnets and (each.project_id == project or each.shared)
    ]  # fmt: skip


def _check_port(change: Change, port_id: str, count: int, instance: Instance | None) -> None:
    try:
        port = change.seen(Port, port_id)
    except NetworkResourceNotFound:
        raise errors.PortNotFound(port_id=port_id) from None
    if instance is not None and port.device_id == instance.uuid:
        return
    if port.device_id or count > 1:
        raise errors.PortInUse(port_id=port_id)
    if not port.addresses:
        raise errors.PortNotUsable(
            f"Port {port_id} requires a FixedIP in order to be used.", port_id=port_id
        )


def _check_network(change: Change, wish: NetworkWish, count: int) -> None:
    try:
        network = change.seen(Network, wish.uuid or "")
    except NetworkResourceNotFound:
        raise errors.NetworkNotFound(network_id=wish.uuid or "") from None
    if network.external and not network.shared and not change.context.is_admin:
        raise errors.ExternalNetworkForbidden(network_id=network.id)
    if not network.subnets:
        raise errors.Invalid(
            f"Network {network.id} requires a subnet in order to boot instances on."
        )
    if wish.fixed_ip is None:
        return
    if count > 1:
        raise errors.FixedIpInUse(address=wish.fixed_ip)
    wanted = ipaddress.ip_address(wish.fixed_ip)
    subnets = network_rows.find(change.tx, Subnet, network_id=network.id)
    inside = [each for each in subnets if wanted in ipaddress.ip_network(each.cidr)]
    if not inside:
        raise errors.Invalid(
            f"Fixed IP address {wish.fixed_ip} is not a valid IP address for network {network.id}."
        )
    if network_rows.holder(change.tx, inside[0].id, str(wanted)) is not None:
        raise errors.FixedIpInUse(address=wish.fixed_ip)


def check_groups(change: Change, project: str, wanted: Sequence[str]) -> None:
    """Groups that a new server names. Raises Invalid."""
    others = [name for name in wanted if name != groups.DEFAULT]
    try:
        groups.named(change, project, others)
    except NetworkResourceNotFound as error:
        raise errors.Invalid(
            f"Security group {error.values['id']} not found for project {project}."
        ) from None
    except NetworkConflict as error:
        raise errors.Invalid(error.message) from None


def group(change: Change, project: str, name: str) -> SecurityGroup:
    """By id or name. Raises SecurityGroupNotFound."""
    try:
        return groups.named(change, project, [name])[0]
    except NetworkResourceNotFound:
        raise errors.SecurityGroupNotFound(name=name, project_id=project) from None
