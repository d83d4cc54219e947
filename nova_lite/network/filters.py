# SPDX-License-Identifier: Apache-2.0
"""The nftables rules of the host: who a guest may say it is, and whom it may talk to. Pure.

Two tables, loaded in one transaction. `bridge` sees frames: it knows the port, drops what is
forged, and marks the packet with the port's number. `inet` sees the same packet with connection
state (br_netfilter, switched on for our bridges alone): it takes the mark off and asks the
security groups. A packet of our bridges with no mark of ours is dropped, so an unknown device
in a bridge reaches nobody.

Rules are asked for every packet in the direction in which a connection was opened, and only
answers pass by state: a rule that is taken away ends the connections that it let in.
"""

import functools
import hashlib
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nova_lite.domain.network import Direction, HostPort
from nova_lite.network.names import METADATA_ADDRESS, link_local
from nova_lite.network.secrules import Matches, match

_MAC: Final = re.compile(r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")

MARK: Final = 0x4E000000
MARK_MASK: Final = 0xFF000000
MOST_PORTS: Final = 0x3FFF  # below the bits that others use
TRUSTED: Final = MARK | 0x3FFF

Block = ipaddress.IPv4Network | ipaddress.IPv6Network

ANSWERS: Final = (
    "meta mark set 0",
    "ct state related accept",
    "ct state established ct direction reply accept",
    "ct state invalid drop",
)
NEIGHBOURS: Final = "icmpv6 type { 130, 131, 132, 133, 134, 135, 136, 143 } accept"


@dataclass(frozen=True)
class FilteredPort:
    tap: str
    number: int
    port: HostPort


@dataclass(frozen=True)
class FilteredNetwork:
    bridge: str
    zone: int
    uplinks: tuple[str, ...]
    inner: str
    outer: str
    gateway_mac: str
    gateways: tuple[str, ...]
    dhcp: bool
    own_gateway: bool
    ports: tuple[FilteredPort, ...]
    transit: str
    floatings: tuple[str, ...]


@dataclass(frozen=True)
class Filtered:
    table: str
    tunnel_port: int
    reach_host: bool
    networks: tuple[FilteredNetwork, ...]


def host_rules(host: Filtered) -> str:
    """Both tables, whole: loading them replaces the old ones in one transaction."""
    sets: dict[str, str] = {}
    inet = list(_inet_table(host, sets))
    lines = [f"table bridge {host.table} {{", *_bridge_table(host), "}"]
    lines += [f"table inet {host.table} {{", *sorted(sets.values()), *inet, "}", ""]
    return "\n".join(lines)


def _ports(host: Filtered) -> list[tuple[FilteredNetwork, FilteredPort]]:
    return [(network, port) for network in host.networks for port in network.ports]


def _names(items: list[str]) -> str:
    return "{ " + ", ".join(f'"{item}"' for item in sorted(items)) + " }"


# --- frames -----------------------------------------------------------------------------------


def _bridge_table(host: Filtered) -> Iterator[str]:
    for network in host.networks:
        yield from _uplink_chains(network)
    for network, port in _ports(host):
        yield from _sender(network, port)
        yield from _receiver(port)
    yield from ["chain trust {", f"ether type {{ ip, ip6 }} meta mark set {TRUSTED:#x}", "}"]
    yield "chain arriving {"
    yield "type filter hook prerouting priority -300; policy accept;"
    yield from _frames_by_device(host, "iifname", "from", "in")
    yield "}"
    yield "chain onward {"
    yield "type filter hook forward priority -200; policy accept;"
    yield from _frames_by_device(host, "oifname", "to", "out")
    yield "}"
    # nobody asked the security groups: br_netfilter is gone, or switched off for the bridge
    yield "chain unasked {"
    yield "type filter hook forward priority 200; policy accept;"
    yield f"meta mark & {MARK_MASK:#x} == {MARK:#x} drop"
    yield "}"
    yield "chain host {"
    yield "type filter hook input priority -200; policy accept;"
    devices = [port.tap for _, port in _ports(host)]
    devices += [n for network in host.networks for n in (network.inner, *network.uplinks)]
    if devices:
        yield f"iifname {_names(devices)} drop"
    yield "}"
    # what is left of a mark must not choose the route of a tunnel's packets
    yield "chain leaving {"
    yield "type filter hook postrouting priority 300; policy accept;"
    yield f"meta mark & {MARK_MASK:#x} == {MARK:#x} meta mark set 0"
    yield "}"


def _frames_by_device(host: Filtered, key: str, port_word: str, uplink_word: str) -> Iterator[str]:
    rows = [f'"{port.tap}" : goto {port_word}_{port.tap}' for _, port in _ports(host)]
    for network in host.networks:
        rows.append(f'"{network.inner}" : goto trust')
        rows += [f'"{up}" : goto {uplink_word}_{network.bridge}' for up in network.uplinks]
    if rows:
        yield f"{key} vmap {{ {', '.join(rows)} }}"


def _uplink_chains(network: FilteredNetwork) -> Iterator[str]:
    """Every host is the gateway of its own guests, under one address: what is about it must not
    leave the host. The same goes for DHCP and for metadata."""
    if not network.uplinks:
        return
    addresses = ", ".join(sorted({METADATA_ADDRESS, *_version(network.gateways, 4)}))
    for word in ("in", "out"):
        yield f"chain {word}_{network.bridge} {{"
        yield f"ether saddr {network.gateway_mac} drop"
        yield f"ether daddr {network.gateway_mac} drop"
        yield f"arp saddr ip {{ {addresses} }} drop"
        yield f"arp daddr ip {{ {addresses} }} drop"
        yield f"ip daddr {METADATA_ADDRESS} drop"
        if network.dhcp:
            yield "meta l4proto udp udp dport { 67, 68, 546, 547 } drop"
        if network.own_gateway:
            yield "meta l4proto ipv6-icmp icmpv6 type { 133, 134, 137 } drop"
            for gateway in _version(network.gateways, 6):
                yield f"meta l4proto ipv6-icmp icmpv6 type {{ 135, 136 }} {_target(gateway)} drop"
        yield "goto trust"
        yield "}"


def _version(addresses: tuple[str, ...], version: int) -> list[str]:
    return sorted(a for a in addresses if (":" in a) == (version == 6))


def _target(address: str) -> str:
    """The target of a neighbour solicitation or advertisement is this address."""
    return f"@th,64,128 {int(ipaddress.IPv6Address(address)):#x}"


def _sender(network: FilteredNetwork, item: FilteredPort) -> Iterator[str]:
    """What a guest sends."""
    port = item.port
    yield f"chain from_{item.tap} {{"
    yield from _reserved(network, port)
    if port.security:
        yield from _honest(item.tap, port)
    else:
        yield "goto trust"
    yield "}"
    yield f"chain sent_{item.tap} {{"
    yield f"meta mark set {MARK | item.number:#x}"
    yield "accept"
    yield "}"


def _reserved(network: FilteredNetwork, port: HostPort) -> Iterator[str]:
    """What no guest may pretend to be, whatever it is allowed otherwise: the gateway, or another
    guest towards the metadata service."""
    yield f"ether saddr {network.gateway_mac} drop"
    for address in sorted({METADATA_ADDRESS, *_version(network.gateways, 4)}):
        yield f"arp saddr ip {address} drop"
    own = [a.address for a in port.addresses if ":" not in a.address]
    but = f" ip saddr != {{ {', '.join(sorted(own))} }}" if own else ""
    yield f"ip daddr {METADATA_ADDRESS}{but} drop"


def _honest(tap: str, port: HostPort) -> Iterator[str]:
    sent = f"goto sent_{tap}"
    identities = _identities(port)
    yield f"ether saddr != {{ {', '.join(sorted(identities))} }} drop"
    for mac, addresses in sorted(identities.items()):
        old = [a for a in addresses if ":" not in a]
        if old:
            block = f"{{ {', '.join(old)} }}"
            yield (
                f"arp htype 1 arp ptype ip arp operation {{ request, reply }} "
                f"ether saddr {mac} arp saddr ether {mac} arp saddr ip {block} accept"
            )
            # asking whether an address is free
            yield (
                f"arp htype 1 arp ptype ip arp operation request ether saddr {mac} "
                f"arp saddr ether {mac} arp saddr ip 0.0.0.0 arp daddr ip {block} accept"
            )
    yield "ether type arp drop"
    yield (
        f"ether type ip ether saddr {port.mac} ip saddr 0.0.0.0 ip daddr 255.255.255.255 "
        f"udp sport 68 udp dport 67 {sent}"
    )
    yield "ether type ip udp sport 67 drop"
    for mac, addresses in sorted(identities.items()):
        old = [a for a in addresses if ":" not in a]
        if old:
            yield f"ether type ip ether saddr {mac} ip saddr {{ {', '.join(old)} }} {sent}"
    yield from _honest_v6(identities, sent)
    yield "drop"


def _honest_v6(identities: dict[str, list[str]], sent: str) -> Iterator[str]:
    """A port with no IPv6 address speaks no IPv6."""
    speaks = {m: [a for a in found if ":" in a] for m, found in identities.items()}
    speaks = {mac: found for mac, found in speaks.items() if found}
    if not speaks:
        return
    # advertising a router, redirecting, serving DHCP
    yield "ether type ip6 meta l4proto ipv6-icmp icmpv6 type { 134, 137 } drop"
    yield "ether type ip6 meta l4proto udp udp sport 547 drop"
    for mac, found in sorted(speaks.items()):
        own = [*found, link_local(mac)]
        for address in own:
            if "/" not in address:
                yield (
                    f"ether type ip6 ether saddr {mac} ip6 saddr {{ {', '.join(own)} }} "
                    f"meta l4proto ipv6-icmp icmpv6 type 136 {_target(address)} {sent}"
                )
        yield (
            f"ether type ip6 ether saddr {mac} ip6 saddr :: meta l4proto ipv6-icmp "
            f"icmpv6 type {{ 131, 132, 135, 143 }} {sent}"
        )
    yield "ether type ip6 meta l4proto ipv6-icmp icmpv6 type 136 drop"
    for mac, found in sorted(speaks.items()):
        block = ", ".join([*found, link_local(mac)])
        yield f"ether type ip6 ether saddr {mac} ip6 saddr {{ {block} }} {sent}"


def _identities(port: HostPort) -> dict[str, list[str]]:
    """MAC -> the addresses (or blocks) that it may send from."""
    found: dict[str, set[str]] = {port.mac: {a.address for a in port.addresses}}
    for pair in port.pairs:
        mac = (pair.mac or port.mac).lower()
        if _MAC.match(mac):
            found.setdefault(mac, set()).add(pair.address)
    return {mac: _apart(addresses) for mac, addresses in found.items()}


def _apart(addresses: Iterable[str]) -> list[str]:
    """Blocks that do not overlap: a set of nftables could not be made of others, and one guest's
    wish must not be the end of everybody's rules."""
    blocks = sorted({ipaddress.ip_network(a, strict=False) for a in addresses}, key=str)
    return [_shown(b) for b in blocks if not any(_inside(b, other) for other in blocks)]


def _inside(block: Block, other: Block) -> bool:
    if isinstance(block, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return block != other and block.subnet_of(other)
    if isinstance(block, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return block != other and block.subnet_of(other)
    return False


def _shown(block: Block) -> str:
    return str(block.network_address) if block.num_addresses == 1 else str(block)


def _receiver(item: FilteredPort) -> Iterator[str]:
    """What a guest is given: nothing that is for another's MAC address."""
    macs = ", ".join(sorted(_identities(item.port)))
    yield f"chain to_{item.tap} {{"
    if item.port.security:
        yield (
            f"ether daddr & 01:00:00:00:00:00 == 00:00:00:00:00:00 ether daddr != {{ {macs} }} drop"
        )
        yield "ether type arp accept"
        yield "ether type != { ip, ip6 } drop"
        yield f"meta mark set {MARK | item.number:#x}"
    else:
        yield "goto trust"
    yield "}"


# --- packets ----------------------------------------------------------------------------------


def _inet_table(host: Filtered, sets: dict[str, str]) -> Iterator[str]:
    for _, port in _ports(host):
        if port.port.security:
            yield from _group_chains(port, sets)
    bridges = [network.bridge for network in host.networks]
    if bridges:
        yield from _zones(host, bridges)
        yield from _verdicts(host, bridges)
    yield from _around_spaces(host, bridges)


def _zones(host: Filtered, bridges: list[str]) -> Iterator[str]:
    """The same address in two networks is two: before fragments are put together (-400), or those
    of one network would end up in packets of another."""
    rows = ", ".join(f'"{n.bridge}" : {n.zone}' for n in host.networks)
    yield "chain zones {"
    yield "type filter hook prerouting priority -450; policy accept;"
    yield f"iifname != {_names(bridges)} accept"
    yield "meta pkttype { broadcast, multicast } notrack accept"
    yield f"ct zone set iifname map {{ {rows} }}"
    yield "}"


def _verdicts(host: Filtered, bridges: list[str]) -> Iterator[str]:
    numbered = [(MARK | p.number, p.tap) for _, p in _ports(host) if p.port.security]
    yield from ["chain known {", "meta mark set 0", "accept", "}"]
    for chain, word, hook in (
        ("sent", "from", "prerouting priority -190"),
        ("received", "to", "forward priority -10"),
    ):
        rows = [f"{mark:#x} : goto {word}_{tap}" for mark, tap in numbered]
        rows.append(f"{TRUSTED:#x} : goto known")
        yield f"chain {chain} {{"
        yield f"type filter hook {hook}; policy accept;"
        yield f"iifname != {_names(bridges)} accept"
        yield f"meta mark vmap {{ {', '.join(rows)} }}"
        yield "drop"
        yield "}"


def _group_chains(item: FilteredPort, sets: dict[str, str]) -> Iterator[str]:
    for word, direction in (("from", Direction.EGRESS), ("to", Direction.INGRESS)):
        yield f"chain {word}_{item.tap} {{"
        yield from ANSWERS
        if word == "from":
            # once more, now that fragments are put together
            yield "icmpv6 type { 134, 137 } drop"
            yield "udp sport { 67, 547 } drop"
            yield "udp sport 68 udp dport 67 accept"
            yield "udp sport 546 udp dport 547 accept"
        else:
            # of the network's own server: that guests send none is seen to before
            yield "udp sport 67 udp dport 68 accept"
            yield "udp sport 547 udp dport 546 accept"
        yield NEIGHBOURS
        for rule in item.port.rules:
            if rule.direction is direction:
                found = match(rule)
                if found is not None:
                    yield " ".join(_matching(found, word, sets))
        yield "drop"
        yield "}"


def _matching(found: Matches, word: str, sets: dict[str, str]) -> Iterator[str]:
    family = "ip6" if found.version == 6 else "ip"
    side = "saddr" if word == "to" else "daddr"
    if found.remote is None:
        yield f"meta nfproto ipv{found.version}"
    elif isinstance(found.remote, str):
        yield f"{family} {side} {found.remote}"
    else:
        yield f"{family} {side} @{_set_of(found.version, found.remote, sets)}"
    if found.expression:
        yield found.expression
    yield "accept"


def _set_of(version: int, members: tuple[str, ...], sets: dict[str, str]) -> str:
    """Groups are shared by many ports: one set for each content."""
    name, text = _named_set(version, members)
    sets[name] = text
    return name


@functools.lru_cache(maxsize=512)
def _named_set(version: int, members: tuple[str, ...]) -> tuple[str, str]:
    text = ", ".join(members)
    name = f"m{version}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    return name, (
        f"set {name} {{ type ipv{version}_addr; flags interval; auto-merge; "
        f"elements = {{ {text} }}; }}"
    )


def _around_spaces(host: Filtered, bridges: list[str]) -> Iterator[str]:
    """Between the namespaces of networks and the host: out is translated, the host itself and
    other networks are reached by floating addresses only, and nobody gets into a tunnel."""
    outers = [network.outer for network in host.networks]
    if not outers:
        return
    spaces, transits = _names(outers), ", ".join(sorted(n.transit for n in host.networks))
    floatings = sorted(address for network in host.networks for address in network.floatings)
    yield "chain host_input {"
    yield "type filter hook input priority -10; policy accept;"
    yield f"iifname {_names(bridges)} drop"
    yield f"iifname {spaces} udp dport {host.tunnel_port} drop"
    if not host.reach_host:
        yield f"iifname {spaces} ct state established,related accept"
        yield f"iifname {spaces} meta l4proto icmp accept"
        yield f"iifname {spaces} drop"
    yield "}"
    yield "chain host_forward {"
    yield "type filter hook forward priority -9; policy accept;"
    yield f"iifname {spaces} udp dport {host.tunnel_port} drop"
    but = f"ip daddr != {{ {', '.join(floatings)} }} " if floatings else ""
    yield (f"iifname {spaces} oifname {spaces} {but}ct direction original drop")
    yield "}"
    yield "chain host_leaving {"
    yield "type nat hook postrouting priority srcnat; policy accept;"
    yield f"ip saddr {{ {transits} }} oifname != {spaces} oifname != {_names(bridges)} masquerade"
    yield "}"
