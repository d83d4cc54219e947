# SPDX-License-Identifier: Apache-2.0
"""What a host has to make: one value, with everything looked up."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from nova_lite.db.api import network_rows
from nova_lite.db.engine import Tx
from nova_lite.domain.network import (
    FloatingIp,
    HostFloating,
    HostNetwork,
    HostNetworks,
    HostPort,
    HostRule,
    Network,
    NetworkMode,
    Port,
    RemotePort,
    SecurityGroupRule,
    Subnet,
)

Members = dict[tuple[str, str], list[str]]


def host_networks(tx: Tx, host: str, since: int | None) -> HostNetworks | None:
    """None when nothing has changed since that generation. Rows written meanwhile may be in it;
    then the next generation is one more than this one, and it is asked again."""
    generation = network_rows.generation(tx)
    if since == generation:
        return None
    mine = network_rows.find(tx, Port, host=host)
    if not mine:
        return HostNetworks(generation=generation)
    ids = sorted({port.network_id for port in mine})
    networks = network_rows.find(tx, Network, uuid=ids)
    subnets = _by_network(network_rows.find(tx, Subnet, network_id=ids))
    everywhere = network_rows.find(tx, Port, network_id=ids)
    rules = _rules(tx, {group for port in mine for group in port.security_groups})
    members = _members(everywhere)
    tunnels = network_rows.tunnels(tx)
    return HostNetworks(
        generation=generation,
        networks=[
            HostNetwork(
                network=network,
                subnets=subnets[network.id],
                ports=[
                    _port(port, rules, members) for port in mine if port.network_id == network.id
                ],
                remotes=_remotes(network, host, everywhere, tunnels),
            )
            for network in networks
        ],
        **_outside(tx, mine),
    )


def _by_network(subnets: Iterable[Subnet]) -> defaultdict[str, list[Subnet]]:
    found: defaultdict[str, list[Subnet]] = defaultdict(list)
    for subnet in subnets:
        found[subnet.network_id].append(subnet)
    return found


def _rules(tx: Tx, groups: set[str]) -> dict[str, list[SecurityGroupRule]]:
    found: dict[str, list[SecurityGroupRule]] = defaultdict(list)
    for rule in network_rows.find(tx, SecurityGroupRule, group_id=groups) if groups else []:
        found[rule.group_id].append(rule)
    return found


def _members(ports: Iterable[Port]) -> Members:
    """(network, group) -> addresses of its ports: those that may be the other side."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for port in ports:
        addresses = [each.address for each in port.addresses]
        addresses += [pair.address for pair in port.pairs]
        for group in port.security_groups:
            found[port.network_id, group] += addresses
    return found


def _port(port: Port, rules: dict[str, list[SecurityGroupRule]], members: Members) -> HostPort:
    own = [rule for group in port.security_groups for rule in rules.get(group, [])]
    return HostPort(
        id=port.id,
        network_id=port.network_id,
        instance_id=port.device_id,
        project_id=port.project_id,
        mac=port.mac,
        addresses=port.addresses,
        hostname=port.hostname,
        security=port.port_security or not port.admin_state_up,
        pairs=port.pairs,
        rules=[_rule(rule, port.network_id, members) for rule in own] if port.admin_state_up
        else [],
    )  # fmt: skip


def _rule(rule: SecurityGroupRule, network_id: str, members: Members) -> HostRule:
    return HostRule(
        direction=rule.direction,
        version=rule.version,
        protocol=rule.protocol,
        port_min=rule.port_min,
        port_max=rule.port_max,
        remote_cidr=rule.remote_cidr,
        members=None
        if rule.remote_group is None
        else sorted(set(members.get((network_id, rule.remote_group), []))),
    )


def _remotes(
    network: Network, host: str, ports: Iterable[Port], tunnels: dict[str, str]
) -> list[RemotePort]:
    if network.mode is not NetworkMode.VXLAN:
        return []
    return [
        RemotePort(
            mac=port.mac,
            addresses=[each.address for each in port.addresses],
            tunnel_address=tunnels[port.host],
        )
        for port in ports
        if port.network_id == network.id and port.host not in (None, host)
        and port.host in tunnels
    ]  # fmt: skip


def _outside(tx: Tx, mine: list[Port]) -> dict[str, list[Any]]:
    """Floating addresses of these ports, and the networks they are of."""
    given = network_rows.find(tx, FloatingIp, port_id=[port.id for port in mine])
    floatings = [
        HostFloating(
            address=each.address,
            fixed_address=each.fixed_address,
            port_id=each.port_id,
            external_network=each.network_id,
        )
        for each in given
        if each.port_id is not None and each.fixed_address is not None
    ]
    ids = sorted({each.external_network for each in floatings})
    return {
        "floatings": floatings,
        "externals": network_rows.find(tx, Network, uuid=ids) if ids else [],
        "external_subnets": network_rows.find(tx, Subnet, network_id=ids) if ids else [],
    }
