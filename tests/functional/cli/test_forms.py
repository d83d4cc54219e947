# SPDX-License-Identifier: Apache-2.0
"""Options with parts: our short forms and those of openstackclient mean the same."""

from collections.abc import Iterator

import pytest

from tests.functional.cli.conftest import Commands

MAC = "fa:16:3e:00:00:07"


@pytest.fixture
def formed(commands: Commands) -> Iterator[Commands]:
    """A network with a subnet."""
    commands.ok("network", "create", "formed")
    commands.ok("subnet", "create", "--network", "formed", "--cidr", "10.9.0.0/24", "formed-4")
    yield commands
    commands.ok("network", "delete", "formed")


@pytest.mark.parametrize(
    ("option", "text", "field", "value"),
    [
        ("--pool", "{}.10-{}.20", "allocation_pools", {"start": "{}.10", "end": "{}.20"}),
        ("--allocation-pool", "start={}.10,end={}.20", "allocation_pools",
         {"start": "{}.10", "end": "{}.20"}),
        ("--pool", "end={}.20,start={}.10", "allocation_pools",
         {"start": "{}.10", "end": "{}.20"}),
        ("--route", "destination=10.1.0.0/16,nexthop={}.2", "host_routes",
         {"destination": "10.1.0.0/16", "nexthop": "{}.2"}),
        ("--host-route", "destination=10.1.0.0/16,gateway={}.2", "host_routes",
         {"destination": "10.1.0.0/16", "nexthop": "{}.2"}),
    ],
)  # fmt: skip
def test_subnets(
    formed: Commands, option: str, text: str, field: str, value: dict[str, str]
) -> None:
    def at(words: str) -> str:
        return words.replace("{}", "10.10.0")

    make = ("subnet", "create", "--network", "formed", "--cidr", "10.10.0.0/24")
    made = formed.json(*make, option, at(text), "another")
    assert made[field] == [{key: at(words) for key, words in value.items()}]


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("address=10.9.0.60", None),
        (f"address=10.9.0.60,mac={MAC}", MAC),
        ("ip-address=10.9.0.60", None),
        (f"mac-address={MAC},ip-address=10.9.0.60", MAC),
    ],
)
def test_allowed_addresses(formed: Commands, text: str, mac: str | None) -> None:
    port = formed.json("port", "create", "--network", "formed", "--allowed-address", text, "p")
    try:
        pair = {"ip_address": "10.9.0.60", "mac_address": mac or port["mac_address"]}
        assert port["allowed_address_pairs"] == [pair]
    finally:
        formed.ok("port", "delete", "p")


@pytest.mark.parametrize(
    "text", ["address=10.9.0.7", "subnet=formed-4,ip-address=10.9.0.7", "ip-address=10.9.0.7"]
)
def test_fixed_addresses(formed: Commands, text: str) -> None:
    port = formed.json("port", "create", "--network", "formed", "--fixed-ip", text, "p")
    formed.ok("port", "delete", "p")
    assert [each["ip_address"] for each in port["fixed_ips"]] == ["10.9.0.7"]


@pytest.mark.parametrize(
    ("option", "form", "texts"),
    [
        ("--allocation-pool", "START-END or start=ADDRESS,end=ADDRESS",
         ["", "10.9.0.1", "10.9.0.1-", "-10.9.0.9", "start=10.9.0.1", "start=10.9.0.1,end=",
          "start=10.9.0.1,end=10.9.0.9,step=2", "start=10.9.0.1;end=10.9.0.9"]),
        ("--host-route", "destination=CIDR,nexthop=ADDRESS",
         ["", "10.1.0.0/16", "destination=10.1.0.0/16", "gateway=10.9.0.2",
          "destination=10.1.0.0/16,gateway=10.9.0.2,nexthop=10.9.0.3",
          "destination=10.1.0.0/16,via=10.9.0.2", "destination=10.1.0.0/16,gateway"]),
        ("--allowed-address", "address=CIDR[,mac=MAC]",
         ["", "10.9.0.60", f"mac-address={MAC}", "ip-address=", "ip-address=10.9.0.60,mac=",
          "ip-address=10.9.0.60,address=10.9.0.61"]),
        ("--fixed-ip", "subnet=NAME,address=ADDRESS (or one of the two)",
         ["", "10.9.0.7", "subnet=", "address=10.9.0.7,ip-address=10.9.0.8"]),
    ],
    ids=["pool", "route", "pair", "fixed"],
)  # fmt: skip
def test_what_is_not_understood(formed: Commands, option: str, form: str, texts: list[str]) -> None:
    noun = "port" if option in ("--allowed-address", "--fixed-ip") else "subnet"
    make = [noun, "create", "--network", "formed"]
    make += ["--cidr", "10.10.0.0/24"] if noun == "subnet" else []
    for text in texts:
        done = formed.run(*make, f"{option}={text}", "wrong")
        said = f"{text!r} is not of the form {form}"
        assert (done.code, done.lines) == (2, [said])
