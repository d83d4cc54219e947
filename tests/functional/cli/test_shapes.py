# SPDX-License-Identifier: Apache-2.0
"""Lists and objects: as they are with -f json and yaml, in words elsewhere."""

import csv
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.functional.cli.conftest import Commands

MAC = "fa:16:3e:00:00:07"


@pytest.fixture
def shaped(commands: Commands) -> Iterator[Commands]:
    """A network with a subnet, a port on it, and a server with that port."""
    subnet = ["--network", "shaped", "--cidr", "10.7.0.0/24", "--dns", "192.0.2.53"]
    subnet += ["--dns", "192.0.2.54", "--pool", "10.7.0.10-10.7.0.20"]
    subnet += [
        "--pool",
        "10.7.0.30-10.7.0.40",
        "--route",
        "destination=10.8.0.0/16,nexthop=10.7.0.2",
    ]
    commands.ok("network", "create", "shaped")
    commands.ok("subnet", "create", *subnet, "shaped-4")
    pair = f"address=10.7.0.60,mac={MAC}"
    commands.ok("port", "create", "--network", "shaped", "--fixed-ip", "address=10.7.0.9",
                "--allowed-address", pair, "shaped")  # fmt: skip
    commands.ok("flavor", "create", "--ram", "64", "--disk", "1", "shaped")
    file = commands.cloud.folder / "shaped.raw"
    file.write_bytes(bytes(4096))
    commands.ok("image", "create", "--disk-format", "raw", "--file", str(file), "shaped")
    commands.ok("server", "create", "--image", "shaped", "--flavor", "shaped", "--port", "shaped",
                "--wait", "shaped")  # fmt: skip
    yield commands
    commands.ok("server", "delete", "--wait", "shaped")
    commands.ok("port", "delete", "shaped")
    for noun in ("network", "flavor", "image"):
        commands.ok(noun, "delete", "shaped")


def plain(commands: Commands, column: str, *words: str) -> str:
    return commands.ok(*words, "-f", "value", "-c", column).rstrip("\n")


def test_networks(shaped: Commands) -> None:
    subnet = shaped.json("subnet", "show", "shaped-4")
    pools = [
        {"start": "10.7.0.10", "end": "10.7.0.20"},
        {"start": "10.7.0.30", "end": "10.7.0.40"},
    ]
    assert subnet["allocation_pools"] == pools
    assert subnet["host_routes"] == [{"destination": "10.8.0.0/16", "nexthop": "10.7.0.2"}]
    assert subnet["dns_nameservers"] == ["192.0.2.53", "192.0.2.54"]
    network = shaped.json("network", "show", "shaped")
    assert network["subnets"] == [subnet["id"]]
    rows = shaped.json("network", "list", "--name", "shaped")
    assert [row["Subnets"] for row in rows] == [[subnet["id"]]]
    listed = ("subnet", "list", "--network", "shaped")
    assert yaml.safe_load(shaped.ok(*listed, "-f", "yaml"))[0]["Pools"] == pools
    words = "10.7.0.10-10.7.0.20, 10.7.0.30-10.7.0.40"
    assert plain(shaped, "Pools", *listed) == words
    assert list(csv.DictReader(shaped.ok(*listed, "-f", "csv").splitlines()))[0]["Pools"] == words
    shown = ("subnet", "show", "shaped-4")
    assert f" {words} " in shaped.ok(*shown)
    assert f'allocation_pools="{words}"' in shaped.ok(*shown, "-f", "shell").splitlines()
    assert plain(shaped, "host_routes", *shown) == "10.8.0.0/16 via 10.7.0.2"


def test_ports_and_groups(shaped: Commands) -> None:
    port = shaped.json("port", "show", "shaped")
    assert [each["ip_address"] for each in port["fixed_ips"]] == ["10.7.0.9"]
    assert port["allowed_address_pairs"] == [{"ip_address": "10.7.0.60", "mac_address": MAC}]
    group = shaped.json("security", "group", "show", port["security_groups"][0])
    assert {rule["security_group_id"] for rule in group["security_group_rules"]} == {group["id"]}
    words = plain(shaped, "security_group_rules", "security", "group", "show", group["id"])
    assert "egress IPv4 any to any" in words.splitlines()
    assert plain(shaped, "fixed_ips", "port", "show", "shaped") == "10.7.0.9"
    listed = ("port", "list", "--network", "shaped", "--sort-column", "Addresses")
    assert shaped.json(*listed)[0]["Addresses"] == port["fixed_ips"]


def test_servers(shaped: Commands) -> None:
    def addresses(found: dict[str, Any]) -> dict[str, list[str]]:
        return {name: [one["addr"] for one in entries] for name, entries in found.items()}

    wanted = {"shaped": ["10.7.0.9"]}
    assert addresses(shaped.json("server", "show", "shaped")["addresses"]) == wanted
    (row,) = shaped.json("server", "list", "--name", "shaped")
    assert addresses(row["Addresses"]) == wanted
    assert plain(shaped, "Addresses", "server", "list", "--name", "shaped") == "shaped=10.7.0.9"
    (row,) = shaped.json("server", "interface", "list", "shaped")
    assert [one["ip_address"] for one in row["Addresses"]] == ["10.7.0.9"]
    assert plain(shaped, "Addresses", "server", "interface", "list", "shaped") == "10.7.0.9"


def test_hosts(shaped: Commands) -> None:
    server = shaped.json("server", "show", "shaped")
    (host,) = shaped.json("hypervisor", "list")
    show = ("hypervisor", "show", host["ID"])
    assert server["id"] in [one["uuid"] for one in shaped.json(*show)["servers"]]
    assert server["id"] in plain(shaped, "servers", *show).split(", ")
    made = shaped.json("aggregate", "create", "--property", "b=2", "--property", "a=1", "shaped")
    try:
        assert (made["hosts"], made["metadata"]) == ([], {"a": "1", "b": "2"})
        found = shaped.json("aggregate", "add", "host", "shaped", host["Hypervisor Hostname"])
        assert found["hosts"] == [host["Hypervisor Hostname"]]
        (row,) = shaped.json("aggregate", "list")
        assert (row["Hosts"], row["Metadata"]) == (found["hosts"], made["metadata"])
        assert plain(shaped, "Metadata", "aggregate", "list") == "a=1, b=2"
        shaped.ok("aggregate", "remove", "host", "shaped", host["Hypervisor Hostname"])
    finally:
        shaped.run("aggregate", "delete", "shaped")
