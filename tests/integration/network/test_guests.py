# SPDX-License-Identifier: Apache-2.0
"""What a guest gets, and what it does not: from inside of it."""

import hashlib
import hmac
import json
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

from nova_lite.domain.network import Direction, HostRule, NetworkMode, PortAddress, Subnet
from tests.fixtures.wait import wait_for
from tests.integration.network.lab import OUT, Host, Namespace, ended, floating, network, port, uid

HOSTILE = """\
import socket, struct, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('eth0', 0))
s.send(bytes.fromhex(sys.argv[1]))
"""
TALK = """\
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3); s.settimeout(3)
for line in sys.stdin:
    s.sendall(b'x')
    try: print(s.recv(9), flush=True)
    except OSError as error: print('silence', flush=True)
"""
HEAR = """\
import select, socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)); s.bind(('eth0', 0))
print('listening', flush=True)
import time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    if select.select([s], [], [], 0.1)[0]:
        print(s.recv(2000).hex(), flush=True)
"""


def ip_header(source: str, target: str, length: int) -> str:
    """Of a UDP packet with so many bytes behind it, in hexadecimal."""
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 17, 0)
    total = sum(struct.unpack("!10H", head + ends))
    total = (total & 0xFFFF) + (total >> 16)
    return (
        head[:10] + struct.pack("!H", ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF) + ends
    ).hex()


def test_a_guest_gets_its_lease(make_host, script):
    host = make_host()
    one, two = port(1), port(2)
    host.ensure(network(ports=[one, two], subnet={"dns": ["192.0.2.7"]}))
    lease = host.guest(one).dhcp(script)
    assert lease["ip"] == "10.0.0.11"
    assert lease["mask"] == "24"
    assert lease["router"] == "10.0.0.1"
    assert lease["dns"] == "192.0.2.7"
    assert lease["mtu"] == "1450"
    assert "169.254.169.254/32 10.0.0.1" in lease["staticroutes"]
    assert host.reported() == sorted([one.id, two.id])


def test_guests_find_each_other_by_name(make_host):
    host = make_host()
    one, two = port(1), port(2)
    host.ensure(network(ports=[one, two]))
    guest = host.guest(one)
    guest.take_address()
    found = guest.run("busybox nslookup guest-2.novalocal 10.0.0.1", check=False)
    assert "10.0.0.12" in found
    host.ensure(network(ports=[one, port(2, hostname="renamed")]))
    wait_for(
        lambda: (
            "10.0.0.12" in guest.run("busybox nslookup renamed.novalocal 10.0.0.1", check=False)
        ),
        10,
        "the new name",
    )


def test_a_subnet_without_gateway_has_dhcp_too(make_host, script):
    host = make_host()
    one = port(1)
    host.ensure(network(ports=[one], gateway=None))
    lease = host.guest(one).dhcp(script)
    assert lease["ip"] == "10.0.0.11"
    assert "router" not in lease
    assert "169.254.169.254/32 0.0.0.0" in lease["staticroutes"]


def test_an_address_goes_to_the_next_guest_at_once(make_host, script):
    host = make_host()
    old, new = port(1), port(2, address="10.0.0.11")
    host.ensure(network(ports=[old]))
    assert host.guest(old).dhcp(script)["ip"] == "10.0.0.11"
    host.ensure(network(ports=[new]))
    assert host.guest(new).dhcp(script)["ip"] == "10.0.0.11"


def test_equal_blocks_are_kept_apart(make_host):
    host = make_host()
    a, b = port(1), port(2)
    c, d = port(3, 2, "10.0.0.11"), port(4, 2, "10.0.0.12")
    host.ensure(network(1, ports=[a, b]), network(2, ports=[c, d]))
    guests = [host.guest(p) for p in (a, b, c, d)]
    for guest in guests:
        guest.take_address()
    for guest in guests:
        guest.serve(8000 + int(guest.port.mac[-1]))
    first, _, third, _ = guests
    assert first.asks("10.0.0.12", 8002) and third.asks("10.0.0.12", 8004)
    assert not first.asks("10.0.0.12", 8004) and not third.asks("10.0.0.12", 8002)
    large = "busybox ping -c 2 -W 2 -s 4000 10.0.0.12"
    assert first.succeeds(large) and third.succeeds(large), "in fragments"


def test_groups_open_and_close_in_both_directions(make_host):
    host = make_host()
    web = HostRule(direction=Direction.INGRESS, version=4, protocol="tcp", port_min=80, port_max=81)
    one, two = port(1, rules=OUT), port(2, rules=[*OUT, web])
    host.ensure(network(ports=[one, two]))
    client, server = host.guest(one), host.guest(two)
    client.take_address()
    server.take_address()
    for number in (80, 82):
        server.serve(number)
        client.serve(number)
    assert client.asks("10.0.0.12", 80)
    assert not client.asks("10.0.0.12", 82)
    assert not server.asks("10.0.0.11", 80)
    assert not client.pings("10.0.0.12")
    # closed in the other direction: what the client may send
    host.ensure(network(ports=[port(1, rules=[]), two]))
    assert not client.asks("10.0.0.12", 80)
    host.ensure(network(ports=[one, two]))
    assert client.asks("10.0.0.12", 80)


def test_a_rule_that_goes_ends_its_connections(make_host):
    host = make_host()
    web = HostRule(direction=Direction.INGRESS, version=4, protocol="tcp", port_min=80)
    one, two = port(1), port(2, rules=[*OUT, web])
    host.ensure(network(ports=[one, two]))
    client, server = host.guest(one), host.guest(two)
    client.take_address()
    server.take_address()
    server.serve(80, "cat")
    talk = subprocess.Popen(
        client.command([sys.executable, "-u", "-c", TALK, "10.0.0.12", "80"]),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip
    with talk:

        def say() -> str:
            talk.stdin.write("\n")
            return talk.stdout.readline().strip()

        assert say() == "b'x'"
        host.ensure(network(ports=[one, port(2, rules=[*OUT, web]), port(3)]))
        assert say() == "b'x'", "other changes leave it alone"
        host.ensure(network(ports=[one, port(2, rules=OUT)]))
        assert say() == "silence"
        talk.kill()


def test_a_network_can_be_switched_off_and_on(make_host):
    host = make_host()
    ports = [port(1), port(2)]
    host.ensure(network(ports=ports))
    one, two = (host.guest(p) for p in ports)
    for guest in (one, two):
        guest.take_address()
    assert one.pings("10.0.0.12")
    host.ensure(network(ports=ports, admin_state_up=False))
    assert not one.pings("10.0.0.12") and not one.pings("10.0.0.1")
    host.ensure(network(ports=ports))
    # the guest takes some time to ask again for neighbours that did not answer
    wait_for(lambda: one.pings("10.0.0.12") and one.pings("10.0.0.1"), 20, "answers")


def test_members_of_a_group_are_let_in(make_host):
    host = make_host()
    friends = HostRule(direction=Direction.INGRESS, version=4, members=["10.0.0.11"])
    ports = [port(1), port(2, rules=[*OUT, friends]), port(3)]
    host.ensure(network(ports=ports))
    friend, server, other = (host.guest(p) for p in ports)
    for guest in (friend, server, other):
        guest.take_address()
    assert friend.pings("10.0.0.12")
    assert not other.pings("10.0.0.12")
    assert server.pings("10.0.0.13")


def test_a_forger_reaches_nobody(make_host):
    host = make_host()
    ports = [port(1), port(2), port(3)]
    host.ensure(network(ports=ports))
    bad, good, third = (host.guest(p) for p in ports)
    for guest in (bad, good, third):
        guest.take_address()
    assert bad.pings("10.0.0.12") and third.pings("10.0.0.12")
    # another's address
    bad.run("ip address add 10.0.0.99/24 dev eth0")
    assert not bad.pings("10.0.0.12", "10.0.0.99")
    # another's address in ARP: the neighbour keeps what it knows
    arp = "ffffffffffff" + "fa163e000001" + "0806" + "0001080006040001"
    for victim in ("0a00000d", "0a000001", "a9fea9fe"):  # .13, the gateway, metadata
        bad.python(HOSTILE, arp + "fa163e000001" + victim + "000000000000" + victim)
        bad.python(HOSTILE, arp[:-1] + "2" + "fa163e000001" + victim + "fa163e000002" + "0a00000c")
    known = good.run("ip neigh show")
    assert "fa:16:3e:00:00:01" not in "".join(
        line for line in known.splitlines() if not line.startswith("10.0.0.11 ")
    )
    # another's MAC address
    bad.run("ip link set eth0 address fa:16:3e:00:00:03")
    assert not bad.pings("10.0.0.12")
    assert third.pings("10.0.0.12")


def test_what_only_infrastructure_sends_does_not_pass(make_host):
    host = make_host()
    six = Subnet(id=uid(55), network_id=uid(1), project_id="p", cidr="2001:db8::/64",
                 version=6, gateway="2001:db8::1")  # fmt: skip
    ports = [
        port(
            n,
            addresses=[
                PortAddress(subnet_id=uid(1001), address=f"10.0.0.1{n}"),
                PortAddress(subnet_id=uid(55), address=f"2001:db8::1{n}"),
            ],
        )  # fmt: skip
        for n in (1, 2)
    ]
    host.ensure(network(ports=ports, more_subnets=[six]))
    bad, good = (host.guest(p) for p in ports)
    bad.take_address()
    good.take_address()
    everyone, me = "ffffffffffff", "fa163e000001"
    ip = ip_header("10.0.0.11", "255.255.255.255", 28)
    frames = {
        "DHCP server": everyone + me + "0800" + ip + "00430044001c0000" + "02" + "0a" * 19,
        "VLAN tag": everyone + me + "81000005" + "0800" + ip + "00440035001c0000" + "0b" * 20,
        "spanning tree": "0180c2000000" + me + "0026" + "424203" + "0c" * 35,
        "IPv6 router": "333300000001" + me + "86dd" + "6000000000103aff"
        + "fe80000000000000f8163efffe000001" + "ff020000000000000000000000000001"
        + "86000000" + "400007080000000000000000",
        "jumbled": everyone + me + "88cc" + "0d" * 46,
    }  # fmt: skip
    marks = {"DHCP server": "0a" * 19, "VLAN tag": "0b" * 20, "spanning tree": "0c" * 35,
             "IPv6 router": "8600", "jumbled": "0d" * 46}  # fmt: skip
    good_frame = everyone + me + "0800" + ip + "00440035001c0000" + "0e" * 20
    ear = good.start(["/usr/bin/env", "python3", "-c", HEAR, "4"], stdout=-1, text=True)
    assert ear.stdout.readline() == "listening\n"
    for frame in [*frames.values(), good_frame]:
        bad.python(HOSTILE, frame)
    heard = [line for line in ear.communicate(timeout=30)[0].split() if me in line]
    assert any("0e" * 20 in line for line in heard), "what is honest passes"
    for name, mark in marks.items():
        assert not any(mark in line and "0e" * 20 not in line for line in heard), name


def test_nobody_else_is_given_my_frames(make_host):
    host = make_host()
    ports = [port(1), port(2)]
    host.ensure(network(ports=ports))
    one, two = (host.guest(p) for p in ports)
    one.take_address()
    ear = two.start(["/usr/bin/env", "python3", "-c", HEAR, "2"], stdout=-1, text=True)
    assert ear.stdout.readline() == "listening\n"
    one.run("ip neigh replace 10.0.0.50 lladdr fa:16:3e:00:00:50 dev eth0 nud permanent")
    one.pings("10.0.0.50")
    heard = ear.communicate(timeout=30)[0]
    assert "fa163e000050" not in heard


def test_an_unknown_device_in_the_bridge_reaches_nobody(make_host):
    host = make_host()
    one = port(1)
    host.ensure(network(ports=[one]))
    known = host.guest(one)
    known.take_address()
    stranger = host.guest(port(7))
    stranger.take_address()
    assert known.pings("10.0.0.1")
    assert not stranger.pings("10.0.0.11") and not stranger.pings("10.0.0.1")
    assert not known.pings("10.0.0.17")


def test_out_by_translation_and_in_by_floating_address(make_host):
    host = make_host(external_device="ex")
    outside = Namespace()
    with ended(outside):
        host.run(f"ip link add ex type veth peer name eth0 netns {outside.pid}")
        host.run("ip address add 203.0.113.1/24 dev ex")
        host.run("ip link set ex up")
        outside.run("ip address add 203.0.113.9/24 dev eth0")
        outside.run("ip link set eth0 up")
        one, two, other = port(1), port(2), port(3, 2, "10.0.0.11")
        external = network(9, mode=NetworkMode.FLAT, external=True).network
        host.ensure(
            network(1, ports=[one, two]),
            network(2, ports=[other]),
            floatings=[floating("203.0.113.50", one), floating("203.0.113.51", other)],
            externals=[external],
        )
        a, b, c = (host.guest(p) for p in (one, two, other))
        for guest in (a, b, c):
            guest.take_address()
        assert b.pings("203.0.113.9"), "translated to the host's address"
        a.serve(80)
        c.serve(81)
        wait_for(lambda: outside.pings("203.0.113.50"), 20, "the floating address")
        code = (
            "import socket,sys\n"
            "s=socket.create_connection((sys.argv[1],int(sys.argv[2])),3); print(s.recv(9))"
        )
        assert "hello" in outside.python(code, "203.0.113.50", "80")
        assert "hello" in outside.python(code, "203.0.113.51", "81")
        assert "hello" in host.python(code, "203.0.113.50", "80"), "from the host itself"
        # a guest with a floating address leaves with it, seen from outside
        ear = outside.start(
            ["tcpdump", "-n", "-l", "-c", "1", "-i", "eth0", "icmp", "and", "src", "203.0.113.50"],
            stdout=-1, stderr=-1, text=True,
        )  # fmt: skip
        assert "listening" in "".join(ear.stderr.readline() for _ in range(2))
        assert a.pings("203.0.113.9")
        assert "203.0.113.50 > 203.0.113.9" in ear.communicate(timeout=10)[0]
        # from guest to guest of another network, and to its own neighbour
        assert b.asks("203.0.113.51", 81) and b.asks("203.0.113.50", 80)
        # the host, the way between host and namespaces, other networks: not to be reached
        host_server = host.start(["busybox", "nc", "-ll", "-p", "22", "-e", "echo", "hello"])
        try:
            wait_for(lambda: ":22 " in host.run("ss -tln"), 10, "a service of the host")
            assert not a.asks("203.0.113.1", 22) and not a.asks("169.254.96.1", 22)
            ways = [a.pings(f"169.254.96.{end}") for end in (2, 3)]
            assert ways.count(True) == 1, "its own network's end alone"
        finally:
            host_server.kill()
            host_server.wait()
        host.ensure(network(1, ports=[one, two]), network(2, ports=[other]), externals=[external])
        assert not outside.pings("203.0.113.50")
        assert "203.0.113" not in host.run("ip neigh show proxy")


def _serve_metadata(host: Host) -> "subprocess.Popen[Any]":
    code = """
import http.server, json, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        size = int(self.headers.get('Content-Length') or 0)
        body = json.dumps({'path': self.path, 'body': self.rfile.read(size).decode(),
                            **dict(self.headers)}).encode()
        self.send_response(200); self.send_header('Content-Length', str(len(body)))
        self.end_headers(); self.wfile.write(body)
    do_POST = do_GET
http.server.ThreadingHTTPServer(('127.0.0.1', 8775), H).serve_forever()
"""
    server = host.start([sys.executable, "-c", code], stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL)  # fmt: skip
    wait_for(lambda: ":8775 " in host.run("ss -tln"), 20, "the metadata service")
    return server


ASK = """\
import http.client, json, sys
c = http.client.HTTPConnection('169.254.169.254', 80, timeout=5,
                               source_address=(sys.argv[2], 0) if len(sys.argv) > 2 else None)
c.request('GET', sys.argv[1], headers={'X-Instance-ID': 'forged', 'X-Tenant-ID': 'forged',
                                       'X-Forwarded-For': '10.0.0.12', 'Accept': 'a/b'})
r = c.getresponse(); print(r.status); print(r.read().decode())
"""


def test_metadata_knows_who_asks(make_host):
    host = make_host(metadata_host="127.0.0.1")
    ports = [port(1), port(2), port(3, 2, "10.0.0.11")]
    host.ensure(network(1, ports=ports[:2]), network(2, ports=ports[2:]))
    guests = [host.guest(p) for p in ports]
    server = _serve_metadata(host)
    try:
        for guest in guests:
            guest.take_address()
            status, body = guest.python(ASK, "/openstack/latest/x?y=1").splitlines()
            told = json.loads(body)
            assert status == "200"
            assert told["path"] == "/openstack/latest/x?y=1"
            assert told["X-Instance-ID"] == guest.port.instance_id
            assert told["X-Tenant-ID"] == guest.port.project_id
            assert told["X-Forwarded-For"] == guest.address
            assert told["Accept"] == "a/b"
            signed = hmac.new(b"s3cret", guest.port.instance_id.encode(), hashlib.sha256)
            assert told["X-Instance-ID-Signature"] == signed.hexdigest()
        # as another
        first = guests[0]
        first.run("ip address add 10.0.0.12/24 dev eth0")
        forged = first.command(["busybox", "timeout", "4", "python3", "-c", ASK, "/x", "10.0.0.12"])
        assert subprocess.run(forged, capture_output=True).returncode != 0
    finally:
        server.kill()
        server.wait()


SOLICIT = """\
import socket, struct, sys
mac = bytes.fromhex(sys.argv[1].replace(':', ''))
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); s.settimeout(5)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'eth0')
s.bind(('::', 546))
option = lambda code, data: struct.pack('!HH', code, len(data)) + data
text = b'\\x01abc' + option(1, b'\\0\\x03\\0\\x01' + mac) + option(3, bytes(12))
text += option(8, b'\\0\\0')
s.sendto(text, ('ff02::1:2', 547, 0, socket.if_nametoindex('eth0')))
print(s.recv(2000).hex())
"""


def test_the_folder_of_a_host_may_be_deep(make_host, script):
    """Deeper than the path of a socket may be."""
    host = make_host(metadata_host="127.0.0.1", files_path=f"$state_path/{'deep' * 50}/network")
    host.ensure(network(ports=[port(1)]))
    guest = host.guest(port(1))
    server = _serve_metadata(host)
    try:
        assert guest.dhcp(script)["ip"] == "10.0.0.11"
        guest.run("ip route add default via 10.0.0.1")
        assert guest.python(ASK, "/").splitlines()[0] == "200"
    finally:
        server.kill()
        server.wait()


def test_metadata_is_refused_to_who_has_no_server(make_host):
    host = make_host(metadata_host="127.0.0.1")
    one = port(1, instance_id="")
    host.ensure(network(ports=[one]))
    guest = host.guest(one)
    guest.take_address()
    assert guest.python(ASK, "/").splitlines()[0] == "404"
    host.ensure(network(ports=[port(1)]))
    assert guest.python(ASK, "/").splitlines()[0] == "503", "there is no service"


def test_ipv6_by_advertisement_and_dhcp(make_host, tmp_path: Path):
    host = make_host()
    six = Subnet(id=uid(55), network_id=uid(1), project_id="p", cidr="2001:db8::/64",
                 version=6, gateway="2001:db8::1")  # fmt: skip
    ports = [
        port(
            n,
            addresses=[
                PortAddress(subnet_id=uid(1001), address=f"10.0.0.1{n}"),
                PortAddress(subnet_id=uid(55), address=f"2001:db8::1{n}"),
            ],
        )  # fmt: skip
        for n in (1, 2)
    ]
    host.ensure(network(ports=ports, more_subnets=[six]))
    a, b = (host.guest(p) for p in ports)
    wait_for(lambda: "default via fe80" in a.run("ip -6 route"), 30, "an advertised router")
    own = "ip -6 address show dev eth0 scope link -tentative"
    wait_for(lambda: "fe80::" in a.run(own), 20, "a link-local address")
    offered = a.python(SOLICIT, a.port.mac)
    assert offered.startswith("02") and "20010db8000000000000000000000011" in offered
    a.run("ip -6 address add 2001:db8::11/64 dev eth0 nodad")
    b.run("ip -6 address add 2001:db8::12/64 dev eth0 nodad")
    wait_for(lambda: a.succeeds("busybox ping6 -c 1 -W 2 2001:db8::12"), 15, "an answer")
    assert a.succeeds("busybox ping6 -c 1 -W 2 2001:db8::1")
    a.run("ip -6 address add 2001:db8::99/64 dev eth0 nodad")
    assert not a.succeeds("busybox ping6 -c 1 -W 2 -I 2001:db8::99 2001:db8::12")


def test_a_floating_address_leaves_by_the_gateway_of_its_network(make_host):
    """The host's own default route leads elsewhere, and it has no address out there."""
    host = make_host(physical_networks="provider:ex")
    router = Namespace()
    with ended(router):
        host.run(f"ip link add ex type veth peer name eth0 netns {router.pid}")
        host.run("ip link set ex up")
        host.run("ip link add elsewhere type bridge")
        host.run("ip link set elsewhere up")
        host.run("ip address add 192.0.2.1/24 dev elsewhere")
        host.run("ip route add default via 192.0.2.254")
        router.run("ip address add 203.0.113.254/24 dev eth0")
        router.run("ip address add 198.51.100.7/32 dev lo")
        router.run("ip link set eth0 up")
        one = port(1)
        external = network(
            9, mode=NetworkMode.FLAT, external=True, cidr="203.0.113.0/24",
            gateway="203.0.113.254", physical_network="provider",
        )  # fmt: skip
        more = {"externals": [external.network], "external_subnets": external.subnets}
        floatings = [floating("203.0.113.50", one)]
        host.ensure(network(ports=[one]), floatings=floatings, **more)

        def rules_and_routes() -> list[str]:
            lines = (host.run("ip rule") + host.run("ip route show table all")).splitlines()
            # the kernel gives links their own IPv6 addresses when it likes
            return [line for line in lines if not re.search("fe80::|ff00::", line)]

        before = rules_and_routes()
        assert "".join(before).count("from 203.0.113.50 ") == 2
        host.ensure(network(ports=[one]), floatings=floatings, **more)
        assert rules_and_routes() == before
        guest = host.guest(one)
        guest.take_address()
        guest.serve(80)
        wait_for(lambda: guest.pings("198.51.100.7"), 20, "an address behind the router")
        code = (
            "import socket\n"
            "s=socket.create_connection(('203.0.113.50',80),3,('198.51.100.7',0));print(s.recv(9))"
        )
        assert "hello" in router.python(code)
        host.ensure(network(ports=[one]), **more)
        assert "203.0.113" not in host.run("ip rule") + host.run("ip route show table all")
        assert "203.0.113" not in host.run("ip neigh show proxy")
