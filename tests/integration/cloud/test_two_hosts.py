# SPDX-License-Identifier: Apache-2.0
"""Two hosts and two projects whose networks have the same addresses: who reaches whom."""

import base64
import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for
from tests.integration.cloud.hosts import (
    CONTROLLER,
    ROUTER,
    HostsCloud,
    Project,
    Refused,
    add_outside,
    give_floating,
    hosts_cloud,
)
from tests.integration.cloud.lab import login

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.rabbit,
    pytest.mark.skipif(not RabbitServer.available(), reason="needs RabbitMQ"),
]

CHANGE = 30.0  # seconds until a changed rule must be in force
# who connects to port 80 of a guest is told its name
USER_DATA = "#!/bin/sh\nnc -ll -p 80 -e hostname -s < /dev/null > /dev/null 2>&1 &\n"

#: name -> project, host, address
GUESTS = {
    "red1": ("red", "host1", "10.0.0.11"),
    "red2": ("red", "host2", "10.0.0.12"),
    "red3": ("red", "host1", "10.0.0.13"),
    "blue1": ("blue", "host1", "10.0.0.12"),
    "blue2": ("blue", "host2", "10.0.0.11"),
}


@dataclass(frozen=True)
class Lab:
    cloud: HostsCloud
    projects: dict[str, Project]
    ids: dict[str, str]
    floating: dict[str, str]
    key: Path

    def inside(self, name: str, command: str) -> str:
        """What a command says in a guest."""
        return login(self.key, self.floating[name], command).strip()

    def asks(self, name: str, address: str) -> str:
        """The name of the guest that answers at an address; "" for nobody."""
        return self.inside(name, f"timeout 5 nc {address} 80 < /dev/null; true")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    key = tmp_path_factory.mktemp("key") / "key"
    with hosts_cloud(2) as cloud:
        outside = add_outside(cloud.admin())
        cloud.add_flavor("tiny", ram=128)
        image = cloud.add_guest_image()
        key.write_text(_keypair(cloud.admin()))
        key.chmod(0o600)
        projects = {name: cloud.project(name) for name in ("red", "blue")}
        networks = {n: p.network("private", "10.0.0.0/24") for n, p in projects.items()}
        for project in projects.values():
            project.open(22)
        ids = {}
        for name, (owner, host, address) in GUESTS.items():
            ids[name] = cloud.admin(owner).boot(
                name,
                imageRef=image,
                availability_zone=f"nova:{host}",
                networks=[{"uuid": networks[owner], "fixed_ip": address}],
                key_name="mine",
                user_data=base64.b64encode(USER_DATA.encode()).decode(),
            )
        made = Lab(cloud=cloud, projects=projects, ids=ids, floating={}, key=key)
        for name in GUESTS:
            cloud.admin().console_with(ids[name], "GUEST: ready")
        for name in ("red1", "red3", "blue1"):
            made.floating[name] = give_floating(projects[GUESTS[name][0]], ids[name], outside)
        yield made


def _keypair(admin: Project) -> str:
    made = admin.call("POST", "/v2.1/os-keypairs", {"keypair": {"name": "mine"}})
    return str(made["keypair"]["private_key"])


def answers(address: str, port: int = 80) -> str:
    """The guest that answers us, who are outside; "" for nobody."""
    try:
        with socket.create_connection((address, port), 3) as channel:
            channel.settimeout(5)
            return channel.recv(64).decode().strip()
    except OSError:
        return ""


def test_equal_addresses_and_own_metadata(lab: Lab) -> None:
    for name, (owner, host, address) in GUESTS.items():
        said = lab.cloud.admin().console(lab.ids[name])
        assert f"GUEST: dhcp eth0 {address}/24 router=10.0.0.1" in said
        assert f"metadata from metadata-service: uuid={lab.ids[name]} hostname={name}" in said
        shown = lab.cloud.admin().server(lab.ids[name])
        assert (shown["status"], shown["tenant_id"]) == ("ACTIVE", owner)
        assert shown["OS-EXT-SRV-ATTR:host"] == host


def test_guests_of_one_network_meet_and_no_others(lab: Lab) -> None:
    assert lab.asks("red1", "10.0.0.12") == "red2", "on the other host"
    assert lab.asks("red1", "10.0.0.13") == "red3", "on the same host"
    assert lab.asks("blue1", "10.0.0.11") == "blue2"
    assert lab.asks("blue1", "10.0.0.13") == "", "who is red's alone"
    assert "2 packets received" in lab.inside("red1", "ping -c 2 -W 5 -s 4000 10.0.0.12")
    assert " 0 packets received" in lab.inside("blue1", "ping -c 2 -W 2 10.0.0.13")


def test_a_floating_address_in_both_directions(lab: Lab) -> None:
    assert lab.inside("red1", "hostname -s") == "red1"
    assert lab.inside("blue1", "hostname -s") == "blue1"
    with socket.create_server((ROUTER, 0)) as door:
        door.settimeout(30)
        number = door.getsockname()[1]
        lab.inside("red1", f"timeout 3 nc {ROUTER} {number} < /dev/null; true")
        channel, peer = door.accept()
        channel.close()
    assert peer[0] == lab.floating["red1"]


def test_a_rule_opens_and_closes_inwards(lab: Lab) -> None:
    address, red = lab.floating["red1"], lab.projects["red"]
    assert answers(address) == ""
    rule = red.open(80)
    wait_for(lambda: answers(address) == "red1", CHANGE, "the port to be open")
    assert answers(lab.floating["blue1"]) == "", "another project's"
    red.remove("security_group_rule", rule)
    wait_for(lambda: answers(address) == "", CHANGE, "the port to be closed")


def test_a_rule_opens_and_closes_outwards(lab: Lab) -> None:
    red = lab.projects["red"]
    group = red.default_group()
    query = f"security_group_id={group}&direction=egress&ethertype=IPv4"
    with contextlib.closing(socket.create_server((CONTROLLER, 0))) as door:
        number = door.getsockname()[1]
        out = f"timeout 3 nc {CONTROLLER} {number} < /dev/null; true"

        def reaches_us() -> bool:
            door.settimeout(0.5)
            lab.inside("red1", out)
            with contextlib.suppress(TimeoutError):
                door.accept()[0].close()
                return True
            return False

        assert reaches_us()
        for rule in red.find("security_group_rule", query):
            red.remove("security_group_rule", rule["id"])
        wait_for(lambda: not reaches_us(), CHANGE, "the way out to be closed")
        red.make("security_group_rule", direction="egress", security_group_id=group)
        wait_for(reaches_us, CHANGE, "the way out to be open")


# The guest takes addresses that are not its own, says so to everybody, and asks from them.
FORGE_ADDRESSES = """\
ip address add 10.0.0.99/24 dev eth0
ping -c 2 -W 2 -I 10.0.0.11 10.0.0.13 | grep received
ping -c 2 -W 2 -I 10.0.0.99 10.0.0.13 | grep received
ip address add 10.0.0.12/32 dev eth0
for how in -A -U; do arping -c 2 $how -s 10.0.0.12 -I eth0 10.0.0.13; done | grep -c Sent
for from in 10.0.0.12 10.0.0.11; do
  ip route replace 169.254.169.254/32 via 10.0.0.1 dev eth0 src $from
  timeout 5 wget -q -O /tmp/answer --header 'X-Instance-ID: OTHER' \
    http://169.254.169.254/openstack/latest/meta_data.json
  echo "from $from: $(grep -o '"uuid": *"[^"]*"' /tmp/answer)"
  rm -f /tmp/answer
done
"""
RESTORE_ADDRESSES = "ip address del 10.0.0.99/24 dev eth0; ip address del 10.0.0.12/32 dev eth0"
# While it has another's MAC address nobody reaches it, so it notes what happens.
FORGE_MAC = """\
own=$(cat /sys/class/net/eth0/address)
ip link set eth0 address MAC
ping -c 3 -W 2 10.0.0.13 | grep received
ping -c 3 -W 2 10.0.0.12 | grep received
ip link set eth0 address $own
ping -c 5 -W 2 10.0.0.13 | grep received
echo done
"""


def test_forged_addresses(lab: Lab) -> None:
    try:
        said = lab.inside("red1", FORGE_ADDRESSES.replace("OTHER", lab.ids["red2"])).splitlines()
        honest, forged, lies, other, own = said
        assert " 2 packets received" in honest
        assert " 0 packets received" in forged
        assert lies == "2"
        assert lab.ids["red1"] in own, "whatever the headers say"
        assert other == "from 10.0.0.12: ", "another's metadata"
        assert lab.asks("red3", "10.0.0.12") == "red2", "its neighbour was not fooled"
    finally:
        lab.inside("red1", RESTORE_ADDRESSES)


def test_forged_mac(lab: Lab) -> None:
    other = lab.projects["red"].find("port", f"device_id={lab.ids['red3']}")[0]["mac_address"]
    script = FORGE_MAC.replace("MAC", other)
    lab.inside("red1", f"cat > /tmp/forge <<'END'\n{script}END\n"
               "setsid sh /tmp/forge > /tmp/forged 2>&1 < /dev/null &")  # fmt: skip
    said: list[str] = []

    def ended() -> bool:
        said[:] = lab.inside("red1", "cat /tmp/forged").splitlines()
        return said[-1:] == ["done"]

    wait_for(ended, 90, "the forger to be itself again")
    assert " 0 packets received" in said[0] and " 0 packets received" in said[1]
    assert " 0 packets received" not in said[2], "as itself it is heard"
    assert lab.asks("red1", "10.0.0.13") == "red3"


def test_others_things_are_not_to_be_had(lab: Lab) -> None:
    """Blue may not use red's network, nor see its ports."""
    red, blue = lab.projects["red"], lab.projects["blue"]
    network = red.find("network", "name=private")[0]["id"]
    with pytest.raises(Refused, match="40"):
        blue.make("port", network_id=network)
    assert blue.find("port", f"network_id={network}") == []
