# SPDX-License-Identifier: Apache-2.0
"""From what is there to what is wanted: lines for `ip -batch` and `bridge -batch`. Pure.

What is right is not touched, and what is not ours neither. No line, no change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nova_lite.network import names
from nova_lite.network.plan import (
    PROTOCOL,
    RULE_DEFAULT,
    RULE_SPECIFIC,
    HostPlan,
    NetworkPlan,
    Outside,
    SpacePlan,
    Uplink,
)
from nova_lite.network.seen import Link, Route, SeenHost, SeenSpace

BRIDGE = "forward_delay 0 stp_state 0 mcast_snooping 0 nf_call_iptables 1 nf_call_ip6tables 1"
TAP_PART = len("tap") + 11


@dataclass(frozen=True)
class Changes:
    """Lines for `ip` and for `bridge`, in the order in which they must be given."""

    ip: tuple[str, ...] = ()
    bridge: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.ip or self.bridge)


def network_changes(planned: NetworkPlan, seen: SeenHost, holder: int) -> Changes:
    """In the host's namespace. `holder`: the process whose namespace is the network's."""
    uplink, problem = _uplink(planned, seen)
    ip = [
        *_bridge(planned, seen),
        *uplink,
        *_pair(planned, seen, holder),
        *_taps(planned, seen),
    ]
    return Changes(
        ip=tuple(ip),
        bridge=tuple(_forward(planned, seen)),
        problems=(f"network {planned.id}: {problem}",) if problem else (),
    )


def _bridge(planned: NetworkPlan, seen: SeenHost) -> Iterator[str]:
    name, link = planned.bridge, seen.links.get(planned.bridge)
    if link is not None and link.kind != "bridge":
        yield f"link del {name}"
        link = None
    if link is None:
        yield f"link add {name} type bridge {BRIDGE}"
        yield f"link set {name} addrgenmode none"
        yield f"link set {name} mtu {planned.mtu} up"
        return
    called = ("nf_call_iptables", "nf_call_ip6tables")
    if not all(link.data.get(key) for key in called):
        yield f"link set {name} type bridge {BRIDGE}"
    yield from _mtu_and_up(link, planned.mtu)


def _mtu_and_up(link: Link, mtu: int | None) -> Iterator[str]:
    if mtu is not None and link.mtu != mtu:
        yield f"link set {link.name} mtu {mtu}"
    if not link.up:
        yield f"link set {link.name} up"


# --- to other hosts ---------------------------------------------------------------------------


def _uplink(planned: NetworkPlan, seen: SeenHost) -> tuple[list[str], str | None]:
    """The lines, or why there are none."""
    uplink = planned.uplink
    if uplink is None:
        return [], None
    if uplink.kind == "vxlan":
        return list(_tunnel(planned, uplink, seen)), None
    device = seen.links.get(uplink.device or "")
    if device is None:
        return [], f"there is no device {uplink.device}"
    if uplink.kind == "vlan":
        return list(_vlan(planned, uplink, seen)), None
    if device.kind == "bridge":
        return list(_patch(planned, device, seen)), None
    if seen.addresses.get(device.name):
        return [], (
            f"device {device.name} has addresses and is not taken into a bridge; name a bridge "
            "that holds it"
        )
    lines = []
    if device.master != planned.bridge:
        lines.append(f"link set {device.name} master {planned.bridge}")
    if not device.up:
        lines.append(f"link set {device.name} up")
    return lines, None


def _tunnel(planned: NetworkPlan, uplink: Uplink, seen: SeenHost) -> Iterator[str]:
    link = seen.links.get(uplink.name)
    if link is not None and not _is_tunnel(link, uplink):
        yield f"link del {uplink.name}"
        link = None
    if link is None:
        yield (
            f"link add {uplink.name} mtu {planned.mtu} type vxlan id {uplink.segment} "
            f"local {uplink.local} dstport {uplink.port} nolearning"
        )
        yield f"link set {uplink.name} addrgenmode none"
        yield f"link set {uplink.name} master {planned.bridge} up"
        return
    yield from _member(link, planned)


def _is_tunnel(link: Link, uplink: Uplink) -> bool:
    return (
        link.kind == "vxlan"
        and link.data.get("id") == uplink.segment
        and link.data.get("local", link.data.get("local6")) == uplink.local
        and link.data.get("port") == uplink.port
    )


def _member(link: Link, planned: NetworkPlan) -> Iterator[str]:
    if link.master != planned.bridge:
        yield f"link set {link.name} master {planned.bridge}"
    yield from _mtu_and_up(link, planned.mtu)


def _vlan(planned: NetworkPlan, uplink: Uplink, seen: SeenHost) -> Iterator[str]:
    link = seen.links.get(uplink.name)
    if link is not None and (link.kind != "vlan" or link.data.get("id") != uplink.segment):
        yield f"link del {uplink.name}"
        link = None
    if link is None:
        yield (f"link add link {uplink.device} name {uplink.name} type vlan id {uplink.segment}")
        yield f"link set {uplink.name} addrgenmode none"
        yield f"link set {uplink.name} master {planned.bridge} up"
        return
    yield from _member(link, planned)


def _patch(planned: NetworkPlan, device: Link, seen: SeenHost) -> Iterator[str]:
    ours, theirs = names.patch_names(planned.id)
    if ours not in seen.links or theirs not in seen.links:
        if ours in seen.links:
            yield f"link del {ours}"
        yield f"link add {ours} mtu {planned.mtu} type veth peer name {theirs} mtu {planned.mtu}"
        for name, master in ((ours, planned.bridge), (theirs, device.name)):
            yield f"link set {name} addrgenmode none"
            yield f"link set {name} master {master} up"
        return
    for name, master in ((ours, planned.bridge), (theirs, device.name)):
        link = seen.links[name]
        if link.master != master:
            yield f"link set {name} master {master}"
        yield from _mtu_and_up(link, planned.mtu)


def _forward(planned: NetworkPlan, seen: SeenHost) -> Iterator[str]:
    uplink = planned.uplink
    if uplink is None or uplink.kind != "vxlan":
        return
    link = seen.links.get(uplink.name)
    fresh = link is None or not _is_tunnel(link, uplink)
    there = frozenset() if fresh else seen.forward.get(uplink.name, frozenset())
    # first what is new, so that no destination is missing meanwhile
    for mac, address in sorted(uplink.forward - there):
        yield f"fdb append {mac} dev {uplink.name} dst {address} self permanent"
    for mac, address in sorted(there - uplink.forward):
        yield f"fdb del {mac} dev {uplink.name} dst {address} self"


# --- guests -----------------------------------------------------------------------------------


def _taps(planned: NetworkPlan, seen: SeenHost) -> Iterator[str]:
    """The hypervisor makes them and plugs them in; a bridge made anew has lost them."""
    for name in planned.taps:
        link = seen.links.get(name)
        if link is not None and link.master != planned.bridge:
            yield f"link set {name} master {planned.bridge} up"
        if link is not None and link.mtu != planned.mtu:
            yield f"link set {name} mtu {planned.mtu}"
    for name, link in sorted(seen.links.items()):
        unknown = name not in planned.taps and _like_tap(name)
        if unknown and link.master == planned.bridge:
            yield f"link set {name} nomaster"


def _like_tap(name: str) -> bool:
    return name.startswith("tap") and len(name) == TAP_PART


# --- the namespace of a network ---------------------------------------------------------------


def _pair(planned: NetworkPlan, seen: SeenHost, holder: int) -> Iterator[str]:
    """Both pairs of devices. One end gone means that the other is gone too."""
    inner, outer = names.inner_peer(planned.id), names.outer_peer(planned.id)
    for name, peer, mtu in ((inner, names.INNER, planned.mtu), (outer, names.OUTER, 1500)):
        if name not in seen.links:
            yield (f"link add {name} mtu {mtu} type veth peer name {peer} mtu {mtu} netns {holder}")
            yield f"link set {name} addrgenmode none"
    link = seen.links.get(inner)
    if link is None:
        yield f"link set {inner} master {planned.bridge} up"
    else:
        yield from _member(link, planned)
    link = seen.links.get(outer)
    if link is None or not link.up:
        yield f"link set {outer} up"
    wanted = f"{planned.space.transit_host}/32"
    there = seen.addresses.get(outer, frozenset())
    if wanted not in there:
        yield f"address add {wanted} dev {outer}"
    for address in sorted(there - {wanted}):
        yield f"address del {address} dev {outer}"
    yield from _host_routes(planned, outer, seen)


def _host_routes(planned: NetworkPlan, device: str, seen: SeenHost) -> Iterator[str]:
    """The way into the namespace. Nobody in there answers ARP for a floating address."""
    transit = planned.space.transit
    wanted = {Route(destination=transit, device=device)}
    wanted |= {Route(destination=a, device=device, gateway=transit) for a in planned.floatings}
    there = {r for r in seen.routes if r.device == device and r.table == "main"}
    for route in sorted(wanted - there, key=lambda r: (r.gateway or "", r.destination)):
        via = f" via {route.gateway}" if route.gateway else ""
        only = " onlink" if route.gateway else ""
        yield f"route replace {route.destination}/32{via} dev {device}{only} proto {PROTOCOL}"
    for route in sorted(there - wanted, key=lambda r: r.destination):
        yield f"route del {route.destination} dev {device} proto {PROTOCOL}"


def space_changes(planned: NetworkPlan, seen: SeenSpace) -> Changes:
    """Inside the network's namespace, once the devices are there."""
    space = planned.space
    return Changes(
        ip=(
            *_space_links(space, planned.mtu, seen),
            *_space_addresses(space, seen),
            *_space_routes(space, seen),
        )
    )


def _space_links(space: SpacePlan, mtu: int, seen: SeenSpace) -> Iterator[str]:
    inner = seen.links.get(names.INNER)
    if inner is None or inner.mac != space.mac:
        yield f"link set {names.INNER} address {space.mac}"
    for name in ("lo", names.INNER, names.OUTER):
        link = seen.links.get(name)
        if link is None or not link.up:
            yield f"link set {name} up"
    if inner is not None and inner.mtu != mtu:
        yield f"link set {names.INNER} mtu {mtu}"


def _space_addresses(space: SpacePlan, seen: SeenSpace) -> Iterator[str]:
    rows = {names.INNER: set(space.addresses), names.OUTER: {f"{space.transit}/32"}}
    for device, wanted in rows.items():
        there = seen.addresses.get(device, frozenset())
        for address in sorted(wanted - there):
            yield f"address add {address} dev {device}{' nodad' if ':' in address else ''}"
        for address in sorted(there - wanted):
            yield f"address del {address} dev {device}"


def _space_routes(space: SpacePlan, seen: SeenSpace) -> Iterator[str]:
    there = {(r.destination, r.device, r.gateway) for r in seen.routes}
    host = space.transit_host
    if (host, names.OUTER, None) not in there:
        yield f"route replace {host}/32 dev {names.OUTER}"
    if ("default", names.OUTER, host) not in there:
        yield f"route replace default via {host} dev {names.OUTER} onlink"
    for block in space.routes:
        if (block, names.INNER, None) not in there:
            yield f"route replace {block} dev {names.INNER}"


# --- floating addresses towards the outside ---------------------------------------------------


def outside_changes(plan: HostPlan, seen: SeenHost) -> Changes:
    """Who answers for a floating address, and which way its packets leave."""
    wanted = {(o.address, o.device) for o in plan.outside if o.device is not None}
    ours = _proxied_by_us(seen)
    ip = [f"neigh add proxy {a} dev {d}" for a, d in sorted(wanted - seen.proxied)]
    ip += [f"neigh del proxy {a} dev {d}" for a, d in sorted(ours - wanted)]
    ip += _sources(plan.outside, seen)
    return Changes(ip=tuple(ip))


def _proxied_by_us(seen: SeenHost) -> set[tuple[str, str]]:
    """Entries for addresses that we have, or have had, a route for: those of others stay."""
    known = {r.destination for r in seen.routes if r.device.startswith("nlu")}
    known |= {address for priority, address, _ in seen.sources if priority == RULE_DEFAULT}
    return {(address, device) for address, device in seen.proxied if address in known}


def _sources(outside: Iterable[Outside], seen: SeenHost) -> Iterator[str]:
    rules: set[tuple[int, str, str]] = set()
    routes: set[Route] = set()
    for item in outside:
        if item.device:
            rules.add((RULE_DEFAULT, item.address, str(item.table)))
            rules.add((RULE_SPECIFIC, item.address, "main"))
            if item.gateway:
                routes.add(
                    Route(
                        destination="default",
                        device=item.device,
                        gateway=item.gateway,
                        table=str(item.table),
                    )
                )
    there = {r for r in seen.routes if r.table != "main"}
    for route in sorted(routes - there, key=lambda r: r.table):
        yield (
            f"route replace default via {route.gateway} dev {route.device} onlink "
            f"table {route.table} proto {PROTOCOL}"
        )
    for rule in sorted(rules - seen.sources):
        yield f"rule add {_rule(rule)}"
    for rule in sorted(seen.sources - rules):
        yield f"rule del {_rule(rule)}"
    for route in sorted(there - routes, key=lambda r: r.table):
        yield f"route del default dev {route.device} table {route.table} proto {PROTOCOL}"


def _rule(rule: tuple[int, str, str]) -> str:
    priority, address, table = rule
    only = " suppress_prefixlength 0" if priority == RULE_SPECIFIC else ""
    return f"from {address} lookup {table} priority {priority} protocol {PROTOCOL}{only}"


# --- removal ----------------------------------------------------------------------------------


def removal(network_id: str, seen: SeenHost) -> Changes:
    """What is left of a network that has no guest here any more. Guests' devices are let go,
    not removed: they are the hypervisor's."""
    mine = set(names.of_network(network_id))
    ip = [
        f"link set {name} nomaster"
        for name, link in sorted(seen.links.items())
        if link.master in mine and name not in mine
    ]
    gone = set()
    for name in sorted(mine & set(seen.links)):
        pair = {names.patch_names(network_id)[0]: names.patch_names(network_id)[1]}
        if name not in gone:
            ip.append(f"link del {name}")
            gone.add(pair.get(name, name))
    return Changes(ip=tuple(ip))
