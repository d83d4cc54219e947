# SPDX-License-Identifier: Apache-2.0
"""Embedded mode as root: real guests on the built-in network, by python-openstackclient alone."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fixtures.guest_image import guest_image
from tests.integration.cloud.lab import Client, Embedded, login

pytestmark = pytest.mark.timeout(900)

USER_DATA = "#!/bin/sh\necho GUEST: user data was here > /dev/ttyS0\n"
SUBNET = "10.9.0.0/24"
SECOND = "10.10.0.0/24"
OUTSIDE = "203.0.113.0/24"


@dataclass(frozen=True)
class Cloud:
    embedded: Embedded
    client: Client
    key: Path
    public_key: str


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """With three guests that boot: on the network, there with a config drive, and with a config
    drive and no network."""
    folder = tmp_path_factory.mktemp("key")
    script, key = folder / "user-data", folder / "key"
    script.write_text(USER_DATA)
    image = str(guest_image())
    embedded = Embedded()
    with embedded.started() as client:
        client.text("image", "create", "--disk-format", "qcow2", "--file", image, "guest")
        client.text("flavor", "create", "--ram", "128", "--disk", "1", "tiny")
        client.text("keypair", "create", "--private-key", str(key), "mine")
        key.chmod(0o600)
        client.text("network", "create", "private")
        client.text("subnet", "create", "--network", "private", "--subnet-range", SUBNET, "p4")
        boot = ["server", "create", "--image", "guest", "--flavor", "tiny", "--key-name", "mine",
                "--user-data", str(script)]  # fmt: skip
        client.text(*boot, "--network", "private", "served")
        client.text(*boot, "--network", "private", "--config-drive", "True", "driven")
        client.text(*boot, "--nic", "none", "--config-drive", "True", "alone")
        client.text("network", "create", "--external", "outside")
        subnet = ["--network", "outside", "--subnet-range", OUTSIDE, "--no-dhcp"]
        client.text("subnet", "create", *subnet, "o4")
        rule = ["--protocol", "tcp", "--dst-port", "22"]
        client.text("security", "group", "rule", "create", *rule, "default")
        public = client.text("keypair", "show", "--public-key", "mine")
        yield Cloud(embedded=embedded, client=client, key=key, public_key=public.strip())


def booted(cloud: Cloud, name: str) -> tuple[str, str]:
    """(id, what it has said)."""
    said = cloud.client.console_with(name, "GUEST: ready")
    shown = cloud.client.json("server", "show", name)
    assert shown["status"] == "ACTIVE"
    assert "GUEST: ssh keys: 1" in said
    assert "GUEST: user data was here" in said
    assert "GUEST: user-data: script rc=0" in said
    return str(shown["id"]), said


def address_of(cloud: Cloud, name: str) -> str:
    shown = cloud.client.json("server", "show", name)
    return str(shown["addresses"]["private"][0])


def from_outside(cloud: Cloud, name: str) -> str:
    """The floating address of a server, which is given one if it has none."""
    given = cloud.client.json("server", "show", name)["addresses"]["private"][1:]
    if given:
        return str(given[0])
    made = str(cloud.client.json("floating", "ip", "create", "outside")["floating_ip_address"])
    cloud.client.text("server", "add", "floating", "ip", name, made)
    return made


def logs_in(cloud: Cloud, name: str) -> None:
    """With the key, at a floating address."""
    made = from_outside(cloud, name)
    said = login(cloud.key, made, "hostname; cat /root/.ssh/authorized_keys; ip -4 address")
    first, second, *rest = said.splitlines()
    assert first.split(".")[0] == name
    assert second.split()[:2] == cloud.public_key.split()[:2]
    fixed = list(cloud.client.json("server", "show", name)["addresses"]["private"])
    assert made in fixed
    assert any(f"inet {a}/24" in line for a in fixed for line in rest)


def test_served_by_the_network(cloud: Cloud) -> None:
    uuid, said = booted(cloud, "served")
    gateway = "router=10.9.0.1"
    assert f"GUEST: dhcp eth0 {address_of(cloud, 'served')}/24 {gateway}" in said
    assert f"GUEST: metadata from metadata-service: uuid={uuid} hostname=served" in said
    logs_in(cloud, "served")


def test_a_config_drive_beside_the_network(cloud: Cloud) -> None:
    uuid, said = booted(cloud, "driven")
    assert f"GUEST: dhcp eth0 {address_of(cloud, 'driven')}/24" in said
    assert "GUEST: config drive /dev/sr0 iso9660" in said
    assert f"GUEST: metadata from config-drive: uuid={uuid} hostname=driven" in said
    logs_in(cloud, "driven")


def test_a_config_drive_and_no_network(cloud: Cloud) -> None:
    uuid, said = booted(cloud, "alone")
    assert "GUEST: config drive /dev/sr0 iso9660" in said
    assert f"GUEST: metadata from config-drive: uuid={uuid} hostname=alone" in said
    assert "GUEST: dhcp" not in said
    assert cloud.client.json("server", "show", "alone")["addresses"] == {}
    assert cloud.client.json("port", "list", "--server", "alone") == []


def test_a_second_interface_takes_no_way_away(cloud: Cloud) -> None:
    """What answers at a floating address answers there still, on the first interface and on the
    second one, and once the second has gone."""
    booted(cloud, "served")
    client, first = cloud.client, from_outside(cloud, "served")
    client.text("network", "create", "second")
    client.text("subnet", "create", "--network", "second", "--subnet-range", SECOND, "s4")
    client.text("server", "add", "network", "served", "second")
    client.console_with("served", "GUEST: dhcp eth1 10.10.0.")
    assert login(cloud.key, first, "hostname").startswith("served")
    port = client.json("port", "list", "--server", "served", "--network", "second")[0]["ID"]
    made = client.json("floating", "ip", "create", "--port", str(port), "outside")
    second = str(made["floating_ip_address"])
    assert login(cloud.key, second, "hostname").startswith("served")
    client.text("server", "remove", "network", "served", "second")
    client.console_with("served", "GUEST: nic removed eth1")
    assert login(cloud.key, first, "hostname").startswith("served")
    client.text("floating", "ip", "delete", second)
    client.text("network", "delete", "second")


def pings(address: str) -> bool:
    words = ["busybox", "ping", "-c", "1", "-W", "2", address]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_guests_keep_their_network_when_services_go_down(cloud: Cloud) -> None:
    """And have it again, where it was taken away."""
    booted(cloud, "driven")
    outside = from_outside(cloud, "driven")
    login(cloud.key, outside, "true")
    cloud.embedded.down()
    try:
        assert login(cloud.key, outside, "hostname").startswith("driven")
        cloud.embedded.down("--network")
        assert not pings(outside)
        devices = subprocess.run(["ip", "-br", "link"], capture_output=True, text=True, check=True)
        assert "nlb" not in devices.stdout and "tap" in devices.stdout
    finally:
        cloud.embedded.up()
    assert login(cloud.key, outside, "hostname").startswith("driven")


def test_servers_that_go_leave_nothing(cloud: Cloud) -> None:
    cloud.client.text("server", "delete", "--wait", "served", "driven", "alone")
    rows = cloud.client.json("port", "list")
    assert [row for row in rows if "10.9.0." in str(row["Fixed IP Addresses"])] == []
    given = cloud.client.json("floating", "ip", "list")
    assert {row["Port"] for row in given} == {None}
    devices = subprocess.run(["ip", "-br", "link"], capture_output=True, text=True, check=True)
    assert "tap" not in devices.stdout
