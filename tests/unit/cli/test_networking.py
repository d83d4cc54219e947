# SPDX-License-Identifier: Apache-2.0
"""What network commands understand."""

from typing import Any, cast

import pytest

from nova_lite.cli.errors import Refused
from nova_lite.cli.networking import GROUP, Networking
from tests.unit.cli.test_commands import parser_of


class Api:
    """Security groups of several projects; all are called `default`."""

    network = None

    def __init__(self, mine: str | None, *projects: str) -> None:
        self._mine = mine
        self._groups = [{"id": f"g{i}", "project_id": p} for i, p in enumerate(projects)]

    def project_id(self) -> str | None:
        return self._mine

    def call(self, *_: Any, **__: Any) -> Any:
        return {"security_groups": self._groups}


def found(api: Api) -> str:
    return str(Networking(cast(Any, api)).find(GROUP, "default")["id"])


def test_ones_own_comes_first_where_several_are_called_so() -> None:
    assert found(Api("me", "other", "me", "third")) == "g1"
    assert found(Api("me", "other")) == "g0"
    for api in (Api("me", "a", "b"), Api("me", "me", "me"), Api(None, "a", "b")):
        with pytest.raises(Refused, match="more than one security group"):
            found(api)


@pytest.mark.parametrize(
    ("name", "words", "dest", "value"),
    [
        ("subnet create", ["--network", "n", "--subnet-range", "c", "s"], "cidr", "c"),
        ("subnet set", ["--dns-nameserver", "a", "s"], "dns", ["a"]),
        ("security group rule create", ["--remote-ip", "c", "g"], "remote_range", "c"),
        ("security group rule create", ["--dst-port", "22", "g"], "port", "22"),
        ("network create", ["--provider-network-type", "vlan", "n"], "mode", "vlan"),
        ("network create", ["--provider-physical-network", "p", "n"], "physical_network", "p"),
        ("network create", ["--provider-segment", "7", "n"], "segment", 7),
        ("floating ip create", ["--floating-ip-address", "a", "n"], "address", "a"),
        ("floating ip create", ["--fixed-ip-address", "a", "n"], "fixed_ip", "a"),
        ("floating ip set", ["--fixed-ip-address", "a", "f"], "fixed_ip", "a"),
    ],
)
def test_options_of_openstackclient(name: str, words: list[str], dest: str, value: Any) -> None:
    assert getattr(parser_of(name).parse_args(words), dest) == value
