# SPDX-License-Identifier: Apache-2.0
"""What a host has to have, worked out from what the conductor says. Pure.

One `NetworkPlan` for each network with guests here, and a `HostPlan` around them.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from nova_lite.domain.network import (
    HostFloating,
    HostNetwork,
    HostNetworks,
    HostPort,
    Network,
    NetworkMode,
    Subnet,
    bridge_name,
    tap_name,
)
from nova_lite.network import dnsmasq, filters, gateway, names

# Our routes and routing rules carry this protocol number, so that they can be told from others.
PROTOCOL: Final = 201
RULE_SPECIFIC: Final = 9000  # priority: first what the main table knows besides its default route
RULE_DEFAULT: Final = 9001  # then the gateway of the external network


@dataclass(frozen=True)
class Settings:
    """What the configuration says. `transit`: addresses between host and namespaces; `physical`:
    physical network -> device; `resolvers`: where dnsmasq asks."""

    tunnel_address: str
    table: str = "nova_lite"
    tunnel_port: int = 4789
    transit: str = "169.254.96.0/19"
    external_device: str | None = None
    physical: Mapping[str, str] = field(default_factory=dict)
    resolvers: tuple[str, ...] = ()
    domain: str = "novalocal"
    lease_seconds: int = 86400
    reach_host: bool = False
    dnsmasq_options: tuple[str, ...] = ()
    as_root: bool = False


@dataclass(frozen=True)
class Numbers:
    """Small numbers that stay the same while a network or port is here. A network's is its
    conntrack zone and its place in the transit range; a port's is its packet mark."""

    networks: Mapping[str, int]
    ports: Mapping[str, int]


@dataclass(frozen=True)
class Uplink:
    """What leads from a bridge to other hosts. kind: vxlan, vlan, device (the operator's own,
    taken into the bridge), or patch (the operator's device is a bridge: which, is seen later)."""

    kind: str
    name: str
    device: str | None = None
    segment: int | None = None
    local: str | None = None
    port: int = 0
    forward: frozenset[tuple[str, str]] = frozenset()  # MAC -> tunnel address


@dataclass(frozen=True)
class SpacePlan:
    """The namespace of a network. `addresses` as 10.0.0.1/24, all on INNER."""

    mac: str
    addresses: tuple[str, ...]
    transit: str
    transit_host: str
    rules: str
    dnsmasq: dnsmasq.Files | None
    routes: tuple[str, ...] = ()


@dataclass(frozen=True)
class NetworkPlan:
    id: str
    bridge: str
    mtu: int
    taps: tuple[str, ...]
    uplink: Uplink | None
    space: SpacePlan
    floatings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outside:
    """A floating address: answered for on `device` (None: known to this host alone)."""

    address: str
    device: str | None
    gateway: str | None
    table: int


@dataclass(frozen=True)
class HostPlan:
    """`refused`: network -> why nothing of it can be here; `problems`: what else cannot be had."""

    networks: tuple[NetworkPlan, ...]
    rules: str
    outside: tuple[Outside, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def has_own_gateway(network: Network) -> bool:
    """Whether hosts are the gateway: of all but external networks, which have a router."""
    return not network.external


def plan(networks: HostNetworks, settings: Settings, numbers: Numbers) -> HostPlan:
    """All that this host has to have. Of a network that is in `refused` nothing is planned."""
    refused: dict[str, str] = {}
    made: list[NetworkPlan] = []
    kept: list[HostNetwork] = []
    floatings, twice = _distinct(networks.floatings)
    networks = replace(networks, floatings=floatings)
    for entry in sorted(networks.networks, key=lambda e: e.network.id):
        uplink, problem = _uplink(entry, settings)
        if problem:
            refused[entry.network.id] = f"network {entry.network.id}: {problem}"
            continue
        kept.append(entry)
        mine = _floatings_of(entry, networks.floatings)
        made.append(_network(entry, uplink, mine, settings, numbers))
    return HostPlan(
        networks=tuple(made),
        rules=filters.host_rules(_filtered(kept, made, settings, numbers)),
        outside=tuple(_outside(networks, settings)),
        refused=refused,
        problems=tuple(twice),
    )


def _network(
    entry: HostNetwork,
    uplink: Uplink | None,
    floatings: list[HostFloating],
    settings: Settings,
    numbers: Numbers,
) -> NetworkPlan:
    network = entry.network
    return NetworkPlan(
        id=network.id,
        bridge=bridge_name(network.id),
        mtu=network.mtu,
        taps=tuple(sorted(tap_name(port.id) for port in _plugged(entry))),
        uplink=uplink,
        space=_space(entry, floatings, settings, numbers.networks[network.id]),
        floatings=tuple(sorted(f.address for f in floatings)),
    )


def _plugged(entry: HostNetwork) -> list[HostPort]:
    """The ports that may talk: none of a network that was switched off."""
    return entry.ports if entry.network.admin_state_up else []


def _space(
    entry: HostNetwork, floatings: list[HostFloating], settings: Settings, number: int
) -> SpacePlan:
    network, own = entry.network, has_own_gateway(entry.network)
    addresses = [f"{names.METADATA_ADDRESS}/32"]
    routes, inside = [], []
    for subnet in entry.subnets:
        block = ipaddress.ip_network(subnet.cidr)
        if own and subnet.gateway:
            addresses.append(f"{subnet.gateway}/{block.prefixlen}")
        else:
            routes.append(str(block))
        inside.append(str(block))
    host, transit = transit_addresses(settings.transit, number)
    return SpacePlan(
        mac=names.gateway_mac(network.id),
        addresses=tuple(sorted(addresses)),
        transit=transit,
        transit_host=host,
        routes=tuple(sorted(routes)),
        rules=gateway.space_rules(
            inside=[c for c in inside if ":" not in c] if own else [],
            floatings={f.address: f.fixed_address for f in floatings},
        ),
        dnsmasq=dnsmasq.files(
            entry,
            own_gateway=own,
            resolvers=settings.resolvers,
            domain=settings.domain,
            lease=settings.lease_seconds,
            more=settings.dnsmasq_options,
            as_root=settings.as_root,
        ),
    )


def transit_addresses(block: str, number: int) -> tuple[str, str]:
    """(the host's, the namespace's): the host's is the same towards all namespaces."""
    base = ipaddress.ip_network(block)
    return str(base[1]), str(base[1 + number])


def room(block: str) -> int:
    """How many networks the transit range has addresses for."""
    return max(0, ipaddress.ip_network(block).num_addresses - 3)


def _uplink(entry: HostNetwork, settings: Settings) -> tuple[Uplink | None, str | None]:
    network = entry.network
    if network.mode is NetworkMode.VXLAN:
        if network.segment is None:
            return None, "it has no VNI"
        return _tunnel(entry, settings), None
    if network.physical_network is None:
        if network.mode is NetworkMode.VLAN:
            return None, "a network of mode vlan needs a physical network"
        return None, None
    device = settings.physical.get(network.physical_network)
    if device is None:
        return None, (
            f"this host has no device for the physical network {network.physical_network!r}: "
            "[network] physical_networks"
        )
    if network.mode is NetworkMode.FLAT:
        return Uplink(kind="device", name=device, device=device), None
    if network.segment is None:
        return None, "it has no VLAN tag"
    name = names.vlan_name(network.id)
    return Uplink(kind="vlan", name=name, device=device, segment=network.segment), None


def _tunnel(entry: HostNetwork, settings: Settings) -> Uplink:
    forward = set()
    for remote in entry.remotes:
        if remote.tunnel_address != settings.tunnel_address:
            forward.add(("00:00:00:00:00:00", remote.tunnel_address))
            forward.add((remote.mac, remote.tunnel_address))
    return Uplink(
        kind="vxlan",
        name=names.tunnel_name(entry.network.id),
        segment=entry.network.segment,
        local=settings.tunnel_address,
        port=settings.tunnel_port,
        forward=frozenset(forward),
    )


def _distinct(floatings: list[HostFloating]) -> tuple[list[HostFloating], list[str]]:
    """One host leads an address to one port. External networks do not overlap; where rows of an
    older release say otherwise, the network with the lowest id has the address, so that it leads
    to the same port at every look. The others are problems."""
    first: dict[str, HostFloating] = {}
    problems = []
    for floating in sorted(floatings, key=lambda f: (f.external_network, f.port_id)):
        other = first.setdefault(floating.address, floating)
        if other is not floating:
            problems.append(
                f"floating address {floating.address} of external network "
                f"{floating.external_network} does not lead to port {floating.port_id}: external "
                f"network {other.external_network} overlaps, and there it leads to port "
                f"{other.port_id}"
            )
    return list(first.values()), problems


def _floatings_of(entry: HostNetwork, floatings: list[HostFloating]) -> list[HostFloating]:
    here = {port.id for port in entry.ports}
    return sorted((f for f in floatings if f.port_id in here), key=lambda f: f.address)


def _outside(networks: HostNetworks, settings: Settings) -> list[Outside]:
    externals = {network.id: network for network in networks.externals}
    here = {port.id for entry in networks.networks for port in entry.ports}
    tables = {key: PROTOCOL * 100 + at for at, key in enumerate(sorted(externals))}
    made = []
    for floating in sorted(networks.floatings, key=lambda f: f.address):
        network = externals.get(floating.external_network)
        if network is None or floating.port_id not in here:
            continue
        device = settings.physical.get(network.physical_network or "", settings.external_device)
        made.append(
            Outside(
                address=floating.address,
                device=device,
                gateway=_gateway_of(networks.external_subnets, floating) if device else None,
                table=tables[network.id],
            )
        )
    return made


def _gateway_of(subnets: list[Subnet], floating: HostFloating) -> str | None:
    address = ipaddress.ip_address(floating.address)
    for subnet in subnets:
        if subnet.network_id == floating.external_network:
            if address in ipaddress.ip_network(subnet.cidr):
                return subnet.gateway
    return None


def _filtered(
    entries: list[HostNetwork], made: list[NetworkPlan], settings: Settings, numbers: Numbers
) -> filters.Filtered:
    """What the rules of the host are made from."""
    networks = []
    for entry, planned in zip(entries, made, strict=True):
        own = has_own_gateway(entry.network)
        networks.append(
            filters.FilteredNetwork(
                bridge=planned.bridge,
                zone=numbers.networks[entry.network.id],
                uplinks=_uplink_names(planned),
                inner=names.inner_peer(entry.network.id),
                outer=names.outer_peer(entry.network.id),
                gateway_mac=planned.space.mac,
                gateways=tuple(s.gateway for s in entry.subnets if own and s.gateway),
                dhcp=any(subnet.dhcp for subnet in entry.subnets),
                own_gateway=own,
                ports=tuple(
                    filters.FilteredPort(tap_name(port.id), numbers.ports[port.id], port)
                    for port in sorted(_plugged(entry), key=lambda p: p.id)
                ),
                transit=planned.space.transit,
                floatings=planned.floatings,
            )
        )
    return filters.Filtered(
        table=settings.table,
        tunnel_port=settings.tunnel_port,
        reach_host=settings.reach_host,
        networks=tuple(networks),
    )


def _uplink_names(planned: NetworkPlan) -> tuple[str, ...]:
    """The device in the bridge; for one of the operator's, both that it may turn out to be."""
    if planned.uplink is None:
        return ()
    if planned.uplink.kind == "device":
        return (planned.uplink.name, names.patch_names(planned.id)[0])
    return (planned.uplink.name,)
