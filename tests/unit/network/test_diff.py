# SPDX-License-Identifier: Apache-2.0
"""Lines for `ip` and `bridge`: none where things are right, few where they are not."""

import dataclasses

from nova_lite.network import diff
from nova_lite.network.plan import HostPlan, NetworkPlan, Outside, SpacePlan, Uplink
from nova_lite.network.seen import Link, Route, SeenHost, SeenSpace, host
from nova_lite.network.watch import changed_links, shrunk_tables

NET = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
PART = "aaaaaaaa-bb"
BRIDGE = f"nlb{PART}"
TAP = "tap11111111-22"
PLAN = NetworkPlan(
    id=NET,
    bridge=BRIDGE,
    mtu=1450,
    taps=(TAP,),
    uplink=Uplink(
        kind="vxlan", name=f"nlx{PART}", segment=7, local="192.0.2.1", port=4789,
        forward=frozenset({("fa:16:3e:00:00:02", "192.0.2.2")}),
    ),
    space=SpacePlan(
        mac="fa:16:3f:00:00:01", addresses=("10.0.0.1/24",), transit="169.254.96.2",
        transit_host="169.254.96.1", rules="", dnsmasq=None,
    ),
    floatings=("203.0.113.5",),
)  # fmt: skip


def _right() -> SeenHost:
    called = {"nf_call_iptables": 1, "nf_call_ip6tables": 1}
    tunnel = {"id": 7, "local": "192.0.2.1", "port": 4789}
    links = [
        Link(BRIDGE, "bridge", mtu=1450, up=True, data=called),
        Link(f"nlx{PART}", "vxlan", BRIDGE, mtu=1450, up=True, data=tunnel),
        Link(f"nlg{PART}", "veth", BRIDGE, mtu=1450, up=True),
        Link(f"nlu{PART}", "veth", mtu=1500, up=True),
        Link(TAP, "tun", BRIDGE, mtu=1450, up=True),
        Link("eth0", mtu=1500, up=True),
    ]
    return SeenHost(
        links={link.name: link for link in links},
        addresses={
            f"nlu{PART}": frozenset({"169.254.96.1/32"}),
            "eth0": frozenset({"192.0.2.1/24"}),
        },
        routes=frozenset(
            {
                Route("169.254.96.2", f"nlu{PART}"),
                Route("203.0.113.5", f"nlu{PART}", "169.254.96.2"),
            }
        ),
        forward={f"nlx{PART}": frozenset({("fa:16:3e:00:00:02", "192.0.2.2")})},
    )


def _with(seen: SeenHost, *links: Link) -> SeenHost:
    return dataclasses.replace(seen, links={**seen.links, **{link.name: link for link in links}})


def test_what_is_right_is_not_touched():
    assert not diff.network_changes(PLAN, _right(), 42)


def test_everything_is_made():
    made = diff.network_changes(PLAN, SeenHost(links={}, addresses={}, routes=frozenset()), 42)
    assert [line.split(" type ")[0] for line in made.ip if line.startswith("link add")] == [
        f"link add {BRIDGE}",
        f"link add nlx{PART} mtu 1450",
        f"link add nlg{PART} mtu 1450",
        f"link add nlu{PART} mtu 1500",
    ]
    assert made.bridge == (
        f"fdb append fa:16:3e:00:00:02 dev nlx{PART} dst 192.0.2.2 self permanent",
    )


def test_a_tunnel_to_another_segment_is_made_again():
    wrong = Link(f"nlx{PART}", "vxlan", BRIDGE, mtu=1450, up=True,
                 data={"id": 8, "local": "192.0.2.1", "port": 4789})  # fmt: skip
    lines = diff.network_changes(PLAN, _with(_right(), wrong), 42)
    assert lines.ip[0] == f"link del nlx{PART}"
    assert len(lines.bridge) == 1, "its table is empty again"


def test_a_guest_that_moved_is_forwarded_to_before_it_is_forgotten():
    seen = dataclasses.replace(
        _right(), forward={f"nlx{PART}": frozenset({("fa:16:3e:00:00:02", "192.0.2.3")})}
    )
    added, removed = diff.network_changes(PLAN, seen, 42).bridge
    assert added.startswith("fdb append") and "192.0.2.2" in added
    assert removed.startswith("fdb del") and "192.0.2.3" in removed


def test_devices_of_guests_are_plugged_in_and_strangers_out():
    stray = Link("tap99999999-99", "tun", BRIDGE, up=True)
    foreign = Link("eth7", "", BRIDGE, up=True)
    lost = Link(TAP, "tun", None, mtu=1450, up=True)
    lines = diff.network_changes(PLAN, _with(_right(), stray, foreign, lost), 42).ip
    assert lines == (f"link set {TAP} master {BRIDGE} up", "link set tap99999999-99 nomaster")


def test_a_device_with_addresses_is_not_taken():
    flat = dataclasses.replace(PLAN, uplink=Uplink(kind="device", name="eth0", device="eth0"))
    made = diff.network_changes(flat, _right(), 42)
    assert not any("eth0" in line for line in made.ip)
    assert "has addresses" in made.problems[0]


def test_inside_only_what_differs():
    seen = SeenSpace(
        links={
            "lo": Link("lo", up=True),
            "net0": Link("net0", "veth", mac="fa:16:3f:00:00:01", mtu=1450, up=True),
            "up0": Link("up0", "veth", mtu=1500, up=True),
        },
        addresses={"net0": frozenset({"10.0.0.2/24"}), "up0": frozenset({"169.254.96.2/32"})},
        routes=frozenset({Route("169.254.96.1", "up0"), Route("default", "up0", "169.254.96.1")}),
    )
    assert diff.space_changes(PLAN, seen).ip == (
        "address add 10.0.0.1/24 dev net0",
        "address del 10.0.0.2/24 dev net0",
    )


def test_floating_addresses_come_and_go():
    item = Outside("203.0.113.5", "eth0", "203.0.113.1", 20100)
    made = diff.outside_changes(HostPlan((PLAN,), "", (item,)), _right()).ip
    assert made == (
        "neigh add proxy 203.0.113.5 dev eth0",
        "route replace default via 203.0.113.1 dev eth0 onlink table 20100 proto 201",
        "rule add from 203.0.113.5 lookup main priority 9000 protocol 201 suppress_prefixlength 0",
        "rule add from 203.0.113.5 lookup 20100 priority 9001 protocol 201",
    )
    there = dataclasses.replace(
        _right(),
        proxied=frozenset({("203.0.113.5", "eth0"), ("198.51.100.9", "eth0")}),
        sources=frozenset({(9000, "203.0.113.5", "main"), (9001, "203.0.113.5", "20100")}),
        routes=_right().routes | {Route("default", "eth0", "203.0.113.1", "20100")},
    )
    assert not diff.outside_changes(HostPlan((PLAN,), "", (item,)), there)
    gone = diff.outside_changes(HostPlan((PLAN,), ""), there).ip
    assert len(gone) == 4 and not any("198.51.100.9" in line for line in gone)


def test_removal_lets_guests_go_and_takes_only_ours():
    lines = diff.removal(NET, _right()).ip
    assert f"link set {TAP} nomaster" in lines
    assert sorted(line for line in lines if line.startswith("link del")) == sorted(
        f"link del {name}" for name in _right().links if name.startswith("nl")
    )


def test_the_words_of_ip_are_read():
    answers = [
        [{"ifname": "br", "flags": ["UP"], "mtu": 1450, "address": "aa", "linkinfo":
          {"info_kind": "bridge", "info_data": {"nf_call_iptables": 1}}}],
        [{"ifname": "br", "addr_info": [
            {"family": "inet", "local": "10.0.0.1", "prefixlen": 24, "scope": "global"},
            {"family": "inet6", "local": "fe80::1", "prefixlen": 64, "scope": "link"}]}, {}],
        [{"dst": "203.0.113.5", "dev": "br", "protocol": "201"}],
        [{"priority": 9001, "src": "203.0.113.5", "table": "77", "protocol": "201"},
         {"priority": 9, "src": "all", "table": "8", "protocol": "kernel"}],
        [{"dst": "203.0.113.5", "dev": "eth0"}],
    ]  # fmt: skip
    seen = host(answers, [{"ifname": "nlx", "mac": "aa", "dst": "192.0.2.2"}, {"ifname": "br"}])
    assert seen.links["br"].up and seen.links["br"].kind == "bridge"
    assert seen.addresses["br"] == {"10.0.0.1/24"}
    assert seen.routes == {Route("203.0.113.5", "br")}
    assert seen.sources == {(9001, "203.0.113.5", "77")}
    assert seen.proxied == {("203.0.113.5", "eth0")}
    assert seen.forward == {"nlx": {("aa", "192.0.2.2")}}


def test_events_of_devices_are_read():
    name = b"tap0\0\0\0\0"
    attribute = (4 + len(name)).to_bytes(2, "little") + (3).to_bytes(2, "little") + name
    body = bytes(16) + attribute
    head = (16 + len(body)).to_bytes(4, "little") + (16).to_bytes(2, "little") + bytes(10)
    assert list(changed_links(head + body)) == ["tap0"]
    assert list(changed_links(b"\0" * 40)) == []
    assert list(changed_links(b"\1\2")) == []


def test_events_of_rules_are_read():
    name = b"nova_lite_1\0"
    attribute = (4 + len(name)).to_bytes(2, "little") + (1).to_bytes(2, "little") + name
    body = bytes(4) + attribute

    def message(kind: int) -> bytes:
        return (
            (16 + len(body)).to_bytes(4, "little") + kind.to_bytes(2, "little") + bytes(10) + body
        )

    assert list(shrunk_tables(message(0x0A02))) == ["nova_lite_1"]
    assert list(shrunk_tables(message(0x0A00))) == [], "what is made is no loss"
    assert list(shrunk_tables(message(0x0102))) == [], "another part of netfilter"
