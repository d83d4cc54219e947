# SPDX-License-Identifier: Apache-2.0
"""What is broken by hand is mended, what is right is not touched, and nothing stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nova_lite.domain.network import NetworkMode, RemotePort, bridge_name
from nova_lite.network import names
from tests.fixtures.wait import wait_for
from tests.integration.network.lab import (
    OUT,
    ROOT,
    Guest,
    Host,
    Namespace,
    ended,
    floating,
    network,
    port,
    uid,
)

SOON = 30.0  # seconds: machines are busy
GAP = 1.0  # seconds without an answer that a guest may see


@pytest.fixture
def two(make_host) -> tuple[Host, Guest, Guest]:
    """A host with two guests of one network."""
    host = make_host()
    ports = [port(1), port(2)]
    host.ensure(network(ports=ports))
    guests = [host.guest(p) for p in ports]
    for guest in guests:
        guest.take_address()
    assert guests[0].pings("10.0.0.12") and guests[0].pings("10.0.0.1")
    return host, *guests


@contextmanager
def no_gap(guest: Guest, address: str) -> Iterator[None]:
    """Pings ten times a second; fails when no answer came for longer than GAP."""
    code = (
        "import subprocess, sys, time\n"
        "last, worst = time.monotonic(), 0.0\n"
        "print('begun', flush=True)\n"
        "import select\n"
        "while not select.select([sys.stdin], [], [], 0.05)[0]:\n"
        "    ok = not subprocess.run(['busybox','ping','-c','1','-W','1',sys.argv[1]],\n"
        "        stdout=subprocess.DEVNULL).returncode\n"
        "    now = time.monotonic()\n"
        "    worst = max(worst, now - last)\n"
        "    last = now if ok else last\n"
        "print(max(worst, time.monotonic() - last))\n"
    )
    words = guest.command(["/usr/bin/env", "python3", "-c", code, address])
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as pings:
        assert pings.stdout.readline() == "begun\n"
        yield
        worst = float(pings.communicate("\n", timeout=30)[0])
    assert worst < GAP


def _pid(host: Host, name: str) -> int:
    path = host.state() / uid(1) / name
    return int(path.read_text().split()[0]) if path.exists() else 0


def _all_there(host: Host) -> str:
    """What the kernel has of ours, in words that change when something is made anew."""
    links = host.run("ip -o link show")
    rules = host.run("nft -a list ruleset")
    return f"{links}\n{rules}\n{_pid(host, 'keeper.pid')} {_pid(host, 'dnsmasq.pid')}"


def test_dnsmasq_is_started_again(two, script):
    host, one, _ = two
    old = _pid(host, "dnsmasq.pid")
    with no_gap(one, "10.0.0.12"):
        one.run(f"kill -9 {old}")
        wait_for(lambda: _pid(host, "dnsmasq.pid") not in (0, old), SOON, "another dnsmasq")
    assert one.dhcp(script)["ip"] == "10.0.0.11"


def test_the_keeper_of_a_namespace_is_replaced_without_a_gap(two):
    host, one, _ = two
    old = _pid(host, "keeper.pid")
    with no_gap(one, "10.0.0.1"):
        one.run(f"kill -9 {old}")
        wait_for(lambda: _pid(host, "keeper.pid") not in (0, old), SOON, "another keeper")
    assert one.pings("10.0.0.1")


def test_a_namespace_that_is_gone_is_made_again(two, script):
    host, one, _ = two
    for name in ("keeper.pid", "dnsmasq.pid"):
        one.run(f"kill -9 {_pid(host, name)}")
    wait_for(lambda: one.pings("10.0.0.1"), SOON, "the gateway")
    wait_for(lambda: one.dhcp(script).get("ip") == "10.0.0.11", SOON, "a lease")


def test_a_bridge_that_was_removed_is_made_again(two):
    host, one, _ = two
    host.run(f"ip link del {bridge_name(uid(1))}")
    wait_for(lambda: one.pings("10.0.0.12"), SOON, "the neighbour")
    assert one.pings("10.0.0.1")


def test_a_guest_that_was_unplugged_is_plugged_in_again(two):
    host, one, _ = two
    host.run(f"ip link set {one.tap} nomaster")
    wait_for(lambda: one.pings("10.0.0.12"), SOON, "the neighbour")


def test_rules_that_were_flushed_come_back(make_host):
    host = make_host()
    ports = [port(1), port(2, rules=OUT)]
    host.ensure(network(ports=ports))
    one, shut = (host.guest(p) for p in ports)
    one.take_address()
    shut.take_address()
    assert not one.pings("10.0.0.12")
    host.run("nft flush ruleset")
    assert wait_for(lambda: "nova_lite" in host.run("nft list tables"), SOON, "our tables")
    wait_for(lambda: not one.pings("10.0.0.12"), SOON, "the rule")
    assert shut.pings("10.0.0.11")


def test_without_its_filter_a_bridge_lets_nothing_through(two):
    host, one, _ = two
    host.stop_daemon()
    host.run(
        f"ip link set {bridge_name(uid(1))} type bridge nf_call_iptables 0 nf_call_ip6tables 0"
    )
    for word in ("iptables", "ip6tables"):
        host.run(f"sysctl -w net.bridge.bridge-nf-call-{word}=0")
    assert not one.pings("10.0.0.12")
    host.start_daemon()
    wait_for(lambda: one.pings("10.0.0.12"), SOON, "the neighbour")


def test_a_rule_that_was_added_by_hand_goes(make_host):
    host = make_host(repair_interval=1)
    host.ensure(network(ports=[port(1)]))
    table = host.run("nft list tables").split("table bridge ")[1].split()[0]
    host.run(f"nft insert rule bridge {table} arriving accept")
    wait_for(
        lambda: "\t\taccept" not in host.run(f"nft list chain bridge {table} arriving"),
        SOON,
        "the rule to go",
    )


def test_a_restart_changes_nothing_and_nobody_notices(two):
    host, one, _ = two
    before = _all_there(host)
    with no_gap(one, "10.0.0.12"), no_gap(one, "10.0.0.1"):
        host.stop_daemon(signal.SIGKILL)
        assert one.pings("10.0.0.12")
        host.start_daemon()
        assert host.call("ensure", network_ids=[uid(1)], port_ids=[])["ok"] is None
    assert _all_there(host) == before
    host.stop_daemon()
    assert one.pings("10.0.0.12") and one.pings("10.0.0.1")


def test_what_broke_while_the_daemon_was_away_is_mended_without_the_conductor(two, script):
    host, one, _ = two
    host.stop_daemon(signal.SIGKILL)
    one.run(f"kill -9 {_pid(host, 'dnsmasq.pid')}")
    host.run(f"ip link del {bridge_name(uid(1))}")
    host.conductor_is_away(True)
    host.start_daemon()
    wait_for(lambda: one.pings("10.0.0.12"), SOON, "the neighbour")
    assert one.dhcp(script)["ip"] == "10.0.0.11"
    assert "error" in host.call("ensure", network_ids=[uid(1)], port_ids=[])
    host.conductor_is_away(False)
    assert "ok" in host.call("ensure", network_ids=[uid(1)], port_ids=[])


def test_the_privileged_process_is_replaced(two):
    host, one, _ = two
    helpers = [
        int(path.parent.name)
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if {b"--privsep_sock_path", str(host.config).encode()} <= set(_words(path))
    ]
    assert helpers
    for pid in helpers:
        os.kill(pid, signal.SIGKILL)
    host.run(f"ip link del {bridge_name(uid(1))}")
    wait_for(lambda: one.pings("10.0.0.12"), SOON, "the neighbour")


def test_only_differences_are_applied(two):
    host, one, _ = two
    before = _all_there(host)
    with no_gap(one, "10.0.0.12"):
        host.ensure(network(1, ports=[port(1), port(2)]), network(2, ports=[port(3, 2)]))
        host.ensure(network(1, ports=[port(1), port(2)]))
    kept = [line.split(": ", 2)[1] for line in before.splitlines() if ": nl" in line]
    after = _all_there(host)
    assert kept and all(name in after for name in kept)
    assert names.outer_peer(uid(2)) not in after
    numbers = {line.split(":")[0] for line in before.splitlines() if ": nl" in line}
    assert numbers == {line.split(":")[0] for line in after.splitlines() if ": nl" in line}


def test_what_is_not_ours_is_left_alone(two):
    host, _, _ = two
    host.run("ip link add br-own type bridge")
    host.run("ip link add own type veth peer name peer")
    host.run("ip link set own master br-own")
    host.run("ip address add 192.0.2.1/24 dev br-own")
    host.run("ip link set br-own up")
    host.run("ip route add 198.51.100.0/24 via 192.0.2.2")
    host.run("ip neigh add proxy 192.0.2.77 dev br-own")
    host.run("ip rule add from 192.0.2.77 lookup 77")
    host.run("nft add table inet own")
    host.ensure(network(1, ports=[port(1)]))
    host.ensure()
    for line, word in (
        ("ip link show own", "master br-own"),
        ("ip address show br-own", "192.0.2.1/24"),
        ("ip route", "198.51.100.0/24"),
        ("ip neigh show proxy", "192.0.2.77"),
        ("ip rule", "from 192.0.2.77 lookup 77"),
        ("nft list tables", "table inet own"),
    ):
        assert word in host.run(line), line


def test_removal_leaves_nothing(make_host):
    host = make_host(external_device="ex")
    host.run("ip link add ex type veth peer name ex2")
    host.run("ip link set ex up")
    before = [host.run(line) for line in ("ip -o link", "ip rule", "ip route show table all")]
    one = port(1)
    host.ensure(
        network(ports=[one]),
        floatings=[floating("203.0.113.50", one)],
        externals=[network(9, mode=NetworkMode.FLAT, external=True).network],
    )
    assert "203.0.113.50" in host.run("ip neigh show proxy")
    pids = [_pid(host, name) for name in ("keeper.pid", "dnsmasq.pid")]
    host.stop_daemon()
    host.remove()
    assert [
        host.run(line) for line in ("ip -o link", "ip rule", "ip route show table all")
    ] == before
    assert host.run("nft list ruleset") == "" and host.run("ip neigh show proxy") == ""
    assert host.run("cat /proc/sys/net/ipv4/ip_forward").strip() == "0"
    for pid in pids:
        wait_for(lambda pid=pid: not _lives(pid), 10, f"process {pid} to end")
    assert not host.state().exists()


def _words(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().split(b"\0")
    except OSError:
        return []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_what_a_host_cannot_make_is_said_and_the_rest_is_made(make_host):
    host = make_host(physical_networks="known:missing0")
    good, bad = network(1, ports=[port(1)]), network(
        2, ports=[port(3, 2)], mode=NetworkMode.FLAT, segment=None, physical_network="other"
    )  # fmt: skip
    host.say(good, bad)
    answer = host.call("ensure", network_ids=[uid(2)], port_ids=[])
    assert "no device for the physical network 'other'" in answer["error"]
    assert "ok" in host.call("ensure", network_ids=[uid(1)], port_ids=[uid(2001)])
    assert host.reported() == [uid(2001)]
    answer = host.call("ensure", network_ids=[], port_ids=[uid(77)])
    assert uid(77) in answer["error"]
    host.say(network(2, ports=[port(3, 2)], mode=NetworkMode.FLAT, physical_network="known"))
    answer = host.call("ensure", network_ids=[uid(2)], port_ids=[])
    assert "no device missing0" in answer["error"]


def test_a_vlan_is_made_or_its_absence_said(make_host):
    host = make_host(physical_networks="provider:eth1")
    host.run("ip link add eth1 type veth peer name eth2")
    host.run("ip link set eth1 up")
    tagged = network(
        1, ports=[port(1)], mode=NetworkMode.VLAN, segment=5, physical_network="provider"
    )
    host.say(tagged)
    answer = host.call("ensure", network_ids=[uid(1)], port_ids=[])
    if "error" in answer:
        assert "type vlan id 5" in answer["error"], "the kernel has no 8021q"
    else:
        assert "vlan protocol 802.1Q id 5" in host.run(f"ip -d link show {names.vlan_name(uid(1))}")


def test_guests_of_two_hosts_reach_each_other(make_host, script):
    hosts = [
        make_host("h1", tunnel_address="198.51.100.1"),
        make_host("h2", tunnel_address="198.51.100.2"),
    ]
    hosts[0].run(f"ip link add ul type veth peer name ul netns {hosts[1].pid}")
    for at, host in enumerate(hosts, 1):
        host.run(f"ip address add 198.51.100.{at}/24 dev ul")
        host.run("ip link set ul up")
    ports = [port(1), port(2)]
    for at, host in enumerate(hosts):
        other = ports[1 - at]
        remote = RemotePort(
            mac=other.mac,
            addresses=[a.address for a in other.addresses],
            tunnel_address=f"198.51.100.{2 - at}",
        )
        # a second network of the same hosts, with the same addresses
        twin = network(2, ports=[port(3 + at, 2, f"10.0.0.{11 + at}")])
        host.ensure(network(ports=[ports[at]], remotes=[remote]), twin)
    one, two = (host.guest(p) for host, p in zip(hosts, ports, strict=True))
    twins = [host.guest(port(3 + at, 2, f"10.0.0.{11 + at}")) for at, host in enumerate(hosts)]
    assert one.dhcp(script)["ip"] == "10.0.0.11" and two.dhcp(script)["ip"] == "10.0.0.12"
    for guest in twins:
        guest.take_address()
    wait_for(lambda: one.pings("10.0.0.12"), SOON, "the guest of the other host")
    assert two.pings("10.0.0.11")
    # the largest packet that fits, and each guest has its own host as gateway
    assert one.succeeds("busybox ping -c 1 -W 2 -s 1422 10.0.0.12")
    assert one.pings("10.0.0.1") and two.pings("10.0.0.1")
    mac = names.gateway_mac(uid(1))
    assert all(mac in guest.run("ip neigh show 10.0.0.1") for guest in (one, two))
    assert not twins[0].pings("10.0.0.12"), "its tunnel leads nowhere"
    # the guest is gone: so is the way to it
    hosts[0].ensure(network(ports=[ports[0]]), network(2, ports=[port(3, 2, "10.0.0.11")]))
    assert "198.51.100.2" not in hosts[0].run("bridge fdb show")


def test_a_flat_network_reaches_its_segment(make_host):
    host = make_host(physical_networks="provider:eth1,bridged:br-own")
    segment = Namespace()
    with ended(segment):
        host.run(f"ip link add eth1 type veth peer name eth0 netns {segment.pid}")
        host.run("ip link add br-own type bridge")
        host.run("ip link set br-own up")
        host.run("ip address add 10.0.0.200/24 dev br-own")
        segment.run("ip address add 10.0.0.1/24 dev eth0")
        segment.run("ip link set eth0 up")
        flat = {"mode": NetworkMode.FLAT, "segment": None, "external": True, "mtu": 1500}
        one, two = port(1), port(2, 2, "10.0.0.12")
        host.ensure(
            network(1, ports=[one], physical_network="provider", **flat),
            network(2, ports=[two], physical_network="bridged", **flat),
        )
        a, b = host.guest(one), host.guest(two)
        a.take_address()
        b.take_address()
        wait_for(lambda: a.pings("10.0.0.1"), SOON, "the router of the segment")
        assert b.pings("10.0.0.200") and not b.pings("10.0.0.1")
        host.ensure()
        assert "master" not in host.run("ip link show eth1")
        host.run("ip address add 192.0.2.1/24 dev eth1")
        host.say(network(1, ports=[one], physical_network="provider", **flat))
        answer = host.call("ensure", network_ids=[uid(1)], port_ids=[])
        assert "has addresses" in answer["error"]


def test_compared_often_it_is_cheap(two):
    """A comparison of what is right takes no second, and changes nothing."""
    host, _, _ = two
    before, began = _all_there(host), time.monotonic()
    for _ in range(3):
        host.call("ensure", network_ids=[uid(1)], port_ids=[])
    assert time.monotonic() - began < 15
    assert _all_there(host) == before


NOBODY = 65534


def _reaches_the_code(user: int) -> bool:
    """A clone in a home folder that is closed to others is out of an ordinary user's reach."""
    words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", sys.executable]
    done = subprocess.run(
        [*words, "-c", "import nova_lite.network, oslo_privsep"], cwd=ROOT, capture_output=True
    )
    return done.returncode == 0


def test_an_ordinary_user_with_four_capabilities_is_enough(make_host, script):
    if not _reaches_the_code(NOBODY):
        pytest.skip("the code is in a folder that is closed to other users")
    host = make_host(user=NOBODY)
    ports = [port(1), port(2, rules=OUT)]
    host.ensure(network(ports=ports))
    one, shut = (host.guest(p) for p in ports)
    assert one.dhcp(script)["ip"] == "10.0.0.11"
    shut.take_address()
    assert one.pings("10.0.0.1") and shut.pings("10.0.0.11") and not one.pings("10.0.0.12")
    # what faces guests has no more than it needs, and what keeps a namespace has nothing
    status = Path(f"/proc/{_pid(host, 'dnsmasq.pid')}/status").read_text()
    assert f"\nUid:\t{NOBODY}\t{NOBODY}" in status
    sys_admin = 1 << 21
    assert not int(status.split("CapEff:\t")[1].split()[0], 16) & sys_admin
    status = Path(f"/proc/{_pid(host, 'keeper.pid')}/status").read_text()
    assert int(status.split("CapEff:\t")[1].split()[0], 16) == 0
    host.stop_daemon(signal.SIGKILL)
    host.start_daemon()
    assert "ok" in host.call("ensure", network_ids=[uid(1)], port_ids=[])
    host.ensure()
    assert "nl" not in [line.split()[1][:2] for line in host.run("ip -o link").splitlines()]
