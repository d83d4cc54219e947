# SPDX-License-Identifier: Apache-2.0
"""From the conductor's word to what a host has to have: texts that are read, not only run."""

import msgspec
import pytest

from nova_lite.domain.network import (
    AddressPair,
    Direction,
    HostFloating,
    HostNetwork,
    HostNetworks,
    HostPort,
    HostRule,
    Network,
    NetworkMode,
    PortAddress,
    RemotePort,
    Route,
    Subnet,
)
from nova_lite.network import names
from nova_lite.network.memory import assign
from nova_lite.network.plan import Numbers, Settings, plan, transit_addresses
from nova_lite.network.secrules import match

NET = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
EXT = "eeeeeeee-bbbb-cccc-dddd-eeeeeeeeeeee"
ONE = "11111111-2222-3333-4444-555555555555"
SETTINGS = Settings(
    tunnel_address="192.0.2.1",
    table="nova_lite_t",
    resolvers=("192.0.2.53",),
    physical={"provider": "eth1"},
    external_device="eth0",
)
NUMBERS = Numbers(networks={NET: 3}, ports={ONE: 5})
TAP = "tap11111111-22"


def _port(**fields) -> HostPort:
    base = HostPort(
        id=ONE,
        network_id=NET,
        instance_id="server",
        project_id="project",
        mac="fa:16:3e:00:00:01",
        addresses=[PortAddress(subnet_id="sub", address="10.0.0.5")],
        hostname="web",
    )
    return msgspec.structs.replace(base, **fields)


def _networks(*ports: HostPort, remotes=(), subnets=(), more=None, **fields) -> HostNetworks:
    values = {"mode": NetworkMode.VXLAN, "segment": 77, "mtu": 1450, **fields}
    subnet = Subnet(
        id="sub", network_id=NET, project_id="project", cidr="10.0.0.0/24", gateway="10.0.0.1"
    )
    entry = HostNetwork(
        network=Network(id=NET, project_id="project", **values),
        subnets=list(subnets) or [subnet],
        ports=list(ports),
        remotes=list(remotes),
    )
    return HostNetworks(generation=1, networks=[entry], **(more or {}))


def _plan(networks: HostNetworks, settings: Settings = SETTINGS):
    return plan(networks, settings, NUMBERS)


def _rules(*rules: HostRule, **fields) -> str:
    return _plan(_networks(_port(rules=list(rules), **fields))).rules


def test_the_devices_of_a_network():
    remote = RemotePort(mac="fa:16:3e:00:00:02", addresses=["10.0.0.6"], tunnel_address="192.0.2.2")
    mine = RemotePort(mac="fa:16:3e:00:00:09", addresses=[], tunnel_address="192.0.2.1")
    planned = _plan(_networks(_port(), remotes=[remote, mine])).networks[0]
    assert planned.bridge == "nlbaaaaaaaa-bb"
    assert planned.taps == (TAP,)
    assert planned.uplink.kind == "vxlan"
    assert planned.uplink.segment == 77
    assert planned.uplink.forward == {
        ("00:00:00:00:00:00", "192.0.2.2"),
        ("fa:16:3e:00:00:02", "192.0.2.2"),
    }
    assert planned.space.addresses == ("10.0.0.1/24", "169.254.169.254/32")
    assert (planned.space.transit_host, planned.space.transit) == ("169.254.96.1", "169.254.96.4")
    assert all(len(name) <= 15 for name in names.of_network(NET))


def test_dnsmasq_is_told_its_guests_alone():
    six = Subnet(id="six", network_id=NET, project_id="p", cidr="2001:db8::/64", version=6,
                 gateway="2001:db8::1", dns=["2001:db8::53"])  # fmt: skip
    four = Subnet(id="sub", network_id=NET, project_id="p", cidr="10.0.0.0/24",
                  gateway="10.0.0.1",
                  routes=[Route(destination="192.168.0.0/16", nexthop="10.0.0.9")])  # fmt: skip
    addresses = [
        PortAddress(subnet_id="sub", address="10.0.0.5"),
        PortAddress(subnet_id="six", address="2001:db8::5"),
    ]
    files = _plan(_networks(_port(addresses=addresses), subnets=[four, six])).networks[0]
    files = files.space.dnsmasq
    assert files.hosts == "fa:16:3e:00:00:01,10.0.0.5,[2001:db8::5],web\n"
    assert files.options == (
        "tag:s0,option:mtu,1450\n"
        "tag:s0,option:dns-server,10.0.0.1\n"
        "tag:s0,option:router,10.0.0.1\n"
        "tag:s0,121,169.254.169.254/32,10.0.0.1,192.168.0.0/16,10.0.0.9,0.0.0.0/0,10.0.0.1\n"
        "tag:s0,249,169.254.169.254/32,10.0.0.1,192.168.0.0/16,10.0.0.9,0.0.0.0/0,10.0.0.1\n"
        "tag:s1,option6:dns-server,[2001:db8::53]\n"
    )
    assert files.records == "10.0.0.5 web.novalocal web\n2001:db8::5 web.novalocal web\n"
    assert "dhcp-range=set:s0,10.0.0.0,static,255.255.255.0,86400\n" in files.config
    assert "dhcp-range=set:s1,2001:db8::,static,64,86400\nenable-ra\n" in files.config
    assert "server=192.0.2.53\n" in files.config


def test_without_dhcp_there_is_no_dnsmasq():
    off = Subnet(id="sub", network_id=NET, project_id="p", cidr="10.0.0.0/24", dhcp=False)
    assert _plan(_networks(_port(), subnets=[off])).networks[0].space.dnsmasq is None


def test_the_rules_of_an_honest_guest():
    text = _rules()
    assert "drop\nether saddr != { fa:16:3e:00:00:01 } drop\n" in text
    assert "arp saddr ether fa:16:3e:00:00:01 arp saddr ip { 10.0.0.5 } accept\n" in text
    assert "ether type ip udp sport 67 drop\n" in text
    frames, packets = text.split("table inet")
    assert "ip6 saddr" not in frames, "a port without an IPv6 address speaks none"
    assert 'ct zone set iifname map { "nlbaaaaaaaa-bb" : 3 }' in packets
    assert f"0x4e000005 : goto from_{TAP}" in packets
    sender = packets.split(f"chain from_{TAP} {{\n")[1].split("\n}")[0]
    assert sender.index("icmpv6 type { 134, 137 } drop") < sender.index("136, 143 } accept")
    # nothing is allowed but DHCP, neighbours and answers
    chain = packets.split(f"chain to_{TAP} {{\n")[1].split("}")[0]
    assert "udp sport 67 udp dport 68 accept" in chain


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "meta nfproto ipv4 accept"),
        ({"protocol": "tcp", "port_min": 80, "port_max": 80}, "tcp dport 80 accept"),
        ({"protocol": "6", "port_min": 80, "port_max": 90}, "tcp dport 80-90 accept"),
        ({"protocol": "udp"}, "meta nfproto ipv4 meta l4proto udp accept"),
        ({"protocol": "icmp", "port_min": 8, "port_max": 0}, "icmp type 8 icmp code 0 accept"),
        ({"protocol": "icmp"}, "meta l4proto icmp accept"),
        ({"protocol": "vrrp"}, "meta l4proto 112 accept"),
        ({"protocol": "47"}, "meta l4proto 47 accept"),
        ({"remote_cidr": "192.0.2.0/24"}, "ip saddr 192.0.2.0/24 accept"),
        ({"version": 6, "protocol": "icmpv6"}, "meta nfproto ipv6 meta l4proto ipv6-icmp accept"),
        ({"version": 6, "remote_cidr": "2001:db8::/32"}, "ip6 saddr 2001:db8::/32 accept"),
    ],
)
def test_a_rule_of_a_group(fields, expected):
    rule = HostRule(**{"direction": Direction.INGRESS, "version": 4, **fields})
    chain = _rules(rule).split("table inet")[1].split(f"chain to_{TAP} {{\n")[1].split("}\n")[0]
    lines = chain.splitlines()
    assert lines[-2].endswith(expected) and lines[-1] in ("drop", "drop}")
    outward = HostRule(**{"direction": Direction.EGRESS, "version": 4, **fields})
    chain = _rules(outward).split("table inet")[1].split(f"chain from_{TAP} {{\n")[1]
    assert expected.replace("saddr", "daddr") in chain.split("}\n")[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"members": []},
        {"members": ["2001:db8::1"]},
        {"protocol": "no-such"},
        {"remote_cidr": "2001:db8::/32"},
        {"protocol": "tcp", "port_min": 9, "port_max": 8},
        {"protocol": "udp", "port_min": 1, "port_max": 70000},
        {"protocol": "icmp", "port_min": 256},
    ],
)
def test_a_rule_that_matches_nobody_opens_nothing(fields):
    assert match(HostRule(**{"direction": Direction.INGRESS, "version": 4, **fields})) is None


def test_members_are_one_set_for_all_who_name_them():
    rules = [
        HostRule(direction=Direction.INGRESS, version=4, members=["10.0.0.7", "10.0.0.6"],
                 protocol="tcp", port_min=n)
        for n in (80, 443)
    ]  # fmt: skip
    text = _rules(*rules)
    assert text.count("elements = { 10.0.0.6, 10.0.0.7 }") == 1
    assert text.count("ip saddr @m4_") == 2


def test_pairs_are_allowed_beside_the_own_address():
    pairs = [
        AddressPair(address="10.0.0.64/30"),
        AddressPair(address="10.0.0.9", mac="fa:16:3e:00:00:09"),
    ]
    text = _rules(pairs=pairs)
    assert "ether saddr != { fa:16:3e:00:00:01, fa:16:3e:00:00:09 } drop" in text
    assert "ether saddr fa:16:3e:00:00:01 ip saddr { 10.0.0.5, 10.0.0.64/30 } goto" in text


def test_what_one_guest_wishes_cannot_spoil_the_rules_of_all():
    pairs = [AddressPair(address="10.0.0.0/24"), AddressPair(address="10.0.0.7", mac="no; drop")]
    text = _rules(pairs=pairs, hostname="a\ndhcp-option=1")
    assert "ip saddr { 10.0.0.0/24 } goto" in text, "blocks that overlap are one"
    assert "no; drop" not in text
    # nor make it the gateway
    assert "arp saddr ip 10.0.0.1 drop\n" in text.split("ether saddr != ")[0]
    files = _plan(_networks(_port(hostname="a\ndhcp-option=1"))).networks[0].space.dnsmasq
    assert files.hosts == "fa:16:3e:00:00:01,10.0.0.5\n"


def test_a_floating_address():
    floating = HostFloating(
        address="203.0.113.5", fixed_address="10.0.0.5", port_id=ONE, external_network=EXT
    )
    external = Network(id=EXT, project_id="p", external=True, mode=NetworkMode.FLAT)
    subnet = Subnet(
        id="ext", network_id=EXT, project_id="p", cidr="203.0.113.0/24", gateway="203.0.113.1"
    )
    elsewhere = msgspec.structs.replace(floating, address="203.0.113.6", port_id="another")
    more = {
        "floatings": [floating, elsewhere],
        "externals": [external],
        "external_subnets": [subnet],
    }
    made = _plan(_networks(_port(), more=more))
    assert [(o.address, o.device, o.gateway) for o in made.outside] == [
        ("203.0.113.5", "eth0", "203.0.113.1")
    ]
    rules = made.networks[0].space.rules
    assert "ip daddr 203.0.113.5 dnat ip to 10.0.0.5" in rules
    assert 'oifname "up0" ip saddr 10.0.0.5 snat ip to 203.0.113.5' in rules
    assert "203.0.113.6" not in rules


@pytest.mark.parametrize("turn", [1, -1])
def test_a_floating_address_of_two_networks_leads_to_one_port(turn):
    one = HostFloating(
        address="203.0.113.5", fixed_address="10.0.0.5", port_id=ONE, external_network=EXT
    )
    other = msgspec.structs.replace(one, fixed_address="10.0.0.6", external_network=NET)
    kept, left = sorted((one, other), key=lambda each: each.external_network)
    externals = [
        Network(id=each, project_id="p", external=True, mode=NetworkMode.FLAT)
        for each in (EXT, NET)
    ]
    more = {"floatings": [one, other][::turn], "externals": externals}
    made = _plan(_networks(_port(), more=more))
    assert [o.address for o in made.outside] == ["203.0.113.5"]
    rules = made.networks[0].space.rules
    assert f"dnat ip to {kept.fixed_address}" in rules, "whichever is told first"
    assert left.fixed_address not in rules
    (problem,) = made.problems
    assert f"of external network {left.external_network} does not lead to port" in problem
    assert f"external network {kept.external_network} overlaps" in problem
    assert not made.refused


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"segment": None}, "no VNI"),
        ({"mode": NetworkMode.VLAN, "physical_network": None}, "needs a physical network"),
        ({"mode": NetworkMode.FLAT, "physical_network": "other"}, "no device for the physical"),
        (
            {"mode": NetworkMode.VLAN, "physical_network": "provider", "segment": None},
            "no VLAN tag",
        ),
    ],
)
def test_what_cannot_be_made_is_a_problem(fields, problem):
    made = _plan(_networks(_port(), **fields))
    assert made.networks == ()
    assert list(made.refused) == [NET] and problem in made.refused[NET]
    assert made.problems == ()
    assert TAP not in made.rules


def test_the_gateway_of_a_provider_network_is_not_ours():
    made = _plan(_networks(_port(), external=True, mode=NetworkMode.FLAT,
                           physical_network="provider"))  # fmt: skip
    space = made.networks[0].space
    assert space.addresses == ("169.254.169.254/32",)
    assert "shared-network=net0,10.0.0.0" in space.dnsmasq.config
    assert "option:router,10.0.0.1" in space.dnsmasq.options
    assert "169.254.169.254/32,0.0.0.0" in space.dnsmasq.options


def test_numbers_stay_and_are_used_again():
    first = assign({}, ["b", "a"], 9)
    assert first == {"a": 1, "b": 2}
    assert assign(first, ["b", "c", "d"], 9) == {"b": 2, "c": 1, "d": 3}
    assert assign({"a": 1, "b": 1}, ["a", "b"], 9) == {"a": 1, "b": 2}, "a file that is wrong"
    with pytest.raises(LookupError):
        assign({}, ["a", "b"], 1)


def test_addresses_of_the_way_to_a_namespace():
    assert transit_addresses("169.254.96.0/19", 1) == ("169.254.96.1", "169.254.96.2")
