# SPDX-License-Identifier: Apache-2.0
"""Twenty guests on one host, whose services are killed and come back beside them."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fixtures.wait import wait_for
from tests.integration.cloud.hosts import HostsCloud, add_outside, crash, give_floating, hosts_cloud
from tests.integration.cloud.lab import entered
from tests.soak.pinger import INTERVAL, Pinger

GUESTS = 20
BOOT = 1500.0  # seconds for all of them together
SETTLE = 60.0
ROUNDS = round(15 / INTERVAL)  # of pings after each mishap
LONGEST = 1.0  # seconds without an answer

pytestmark = pytest.mark.timeout(3600)


@dataclass(frozen=True)
class Lab:
    cloud: HostsCloud
    addresses: dict[str, str]  # server -> floating address

    def servers(self) -> dict[str, Any]:
        path = "/v2.1/servers/detail?all_tenants=1"
        found = self.cloud.admin().call("GET", path)["servers"]
        return {server["id"]: server for server in found}

    def all_active(self) -> bool:
        found = self.servers().values()
        assert len(found) == GUESTS
        states = [(s["status"], s["OS-EXT-STS:power_state"]) for s in found]
        assert "ERROR" not in {status for status, _ in states}, [s.get("fault") for s in found]
        return set(states) == {("ACTIVE", 1)}

    def boots(self) -> list[int]:
        """How often each guest has said that it boots."""
        admin = self.cloud.admin()
        return [admin.console(server).count("GUEST: boot number") for server in self.addresses]


def greets(address: str) -> bool:
    """Whether an ssh server answers."""
    try:
        with socket.create_connection((address, 22), 5) as channel:
            channel.settimeout(20)
            return channel.recv(8).startswith(b"SSH-2.0")
    except OSError:
        return False


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with hosts_cloud(1, {"network": {"repair_interval": "5"}}) as cloud:
        outside = add_outside(cloud.admin())
        cloud.add_flavor("tiny", ram=128)
        image = cloud.add_guest_image()
        project = cloud.project("red")
        network = project.network("private", "10.0.0.0/24")
        group = project.default_group()
        project.open(22)
        project.make("security_group_rule", direction="ingress", protocol="icmp",
                     security_group_id=group)  # fmt: skip
        project.boot("many", imageRef=image, networks=[{"uuid": network}],
                     min_count=GUESTS, max_count=GUESTS)  # fmt: skip
        made = Lab(cloud=cloud, addresses={})
        wait_for(made.all_active, BOOT, "all servers to be ACTIVE")
        for server in made.servers():
            made.addresses[server] = give_floating(project, server, outside)
        yield made


def test_all_are_reached(lab: Lab) -> None:
    for server, address in lab.addresses.items():
        lab.cloud.admin().console_with(server, "GUEST: ready", BOOT)
        wait_for(lambda where=address: greets(where), SETTLE, f"{address} to answer")
    assert len(set(lab.addresses.values())) == GUESTS


def _killed(lab: Lab, *names: str) -> None:
    """libvirtd and daemons, all at a time, and back again in this order."""
    machine = lab.cloud.machines[0]
    for name in names:
        machine.libvirtd.kill() if name == "libvirtd" else crash(lab.cloud.daemons[name])
    for name in names:
        if name == "libvirtd":
            with entered(machine):
                machine.libvirtd.start()
        else:
            lab.cloud.daemons[name].start()


ALL = ("libvirtd", "conductor1", "network1", "compute1")


@pytest.mark.parametrize("names", [*((name,) for name in ALL), ALL], ids="+".join)
def test_nobody_notices(lab: Lab, names: tuple[str, ...]) -> None:
    with Pinger(list(lab.addresses.values())).running() as pinger:
        _rounds(pinger, ROUNDS // 3)
        _killed(lab, *names)
        _rounds(pinger, ROUNDS)
        pinger.end()
        gaps = pinger.gaps()
        assert max(gaps.values()) <= LONGEST, gaps
    wait_for(lab.all_active, SETTLE, "the states to be right")
    assert lab.boots() == [1] * GUESTS
    assert all(greets(address) for address in lab.addresses.values())
    lab.cloud.manage("audit")  # fails where anything is found


def _rounds(pinger: Pinger, number: int) -> None:
    end = pinger.sent + number
    there: Callable[[], bool] = lambda: pinger.sent >= end  # noqa: E731
    wait_for(there, 10 * number * INTERVAL + SETTLE, "pings to be sent")


def test_they_can_be_told_to_go(lab: Lab) -> None:
    """After all this the services know their guests: each is deleted, and nothing stays."""
    for server in lab.addresses:
        lab.cloud.admin().call("DELETE", f"/v2.1/servers/{server}")
    wait_for(lambda: not lab.servers(), BOOT, "the servers to be gone")
    assert lab.cloud.machines[0].libvirtd.domains() == []
    assert lab.cloud.project("red").find("port") == []
    lab.cloud.manage("audit")
