# SPDX-License-Identifier: Apache-2.0
"""Projects are named by name or id where an identity service can be asked, else by id."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.keystone import Keystone
from tests.functional.cli.conftest import Commands, Done

DEMO, GONE, TWIN = "d" * 32, "e" * 32, "f" * 32
ADMIN, MEMBER = "admin:admin", "joe:demo:member"


@pytest.fixture
def keystone(commands: Commands, tmp_path: Path) -> Iterator[Keystone]:
    """It signs in everybody as an administrator of our API."""
    found = Keystone()
    found.tokens |= {ADMIN: ("admin", "admin", ["admin"]), MEMBER: ("joe", DEMO, ["member"])}
    found.login = ADMIN
    found.projects = {DEMO: "demo", "1" * 32: "twin", TWIN: "twin"}
    file = tmp_path / "clouds.yaml"
    cloud = json.loads(file.read_text())["clouds"]["nova-lite"]
    cloud |= {
        "auth_type": "password",
        "auth": {
            "auth_url": found.url,
            "username": "admin",
            "password": "x",
            "project_name": "admin",
            "user_domain_id": "default",
            "project_domain_id": "default",
        },
        "compute_endpoint_override": f"{commands.url}/v2.1",
    }
    file.write_text(json.dumps({"clouds": {"nova-lite": cloud}}))
    yield found
    found.stop()


def instances(commands: Commands, project: str) -> int:
    rows = commands.json("quota", "show", "--project", project)
    return next(int(row["Limit"]) for row in rows if row["Resource"] == "instances")


def limit(commands: Commands, project: str, count: int) -> Done:
    return commands.run("quota", "set", "--instances", str(count), project)


def test_quota(commands: Commands, keystone: Keystone) -> None:
    assert limit(commands, "demo", 71).code == 0
    assert instances(commands, DEMO) == instances(commands, "demo") == 71
    assert limit(commands, DEMO, 72).code == 0
    assert instances(commands, "demo") == 72
    commands.ok("quota", "delete", "demo")
    assert instances(commands, DEMO) not in (71, 72)


@pytest.mark.parametrize("name", ["dmeo", "twn", "../x", ".", "a b", GONE])
def test_who_is_unknown(commands: Commands, keystone: Keystone, name: str) -> None:
    done = limit(commands, name, 73)
    said = f"no project with name or id {name!r} (HTTP 404)"
    assert (done.code, done.lines) == (1, [said])
    if name != GONE:
        assert commands.run("quota", "delete", name).lines == [said]


def test_a_name_of_two(commands: Commands, keystone: Keystone) -> None:
    done = limit(commands, "twin", 74)
    assert (done.code, len(done.lines)) == (1, 1)
    assert f"more than one project is named 'twin': {'1' * 32}, {TWIN}" in done.lines[0]
    assert limit(commands, TWIN, 74).code == 0
    assert (instances(commands, TWIN), instances(commands, "1" * 32) == 74) == (74, False)


def test_what_is_left_of_a_project(commands: Commands, keystone: Keystone) -> None:
    keystone.projects[GONE] = "gone"
    assert limit(commands, "gone", 75).code == 0
    del keystone.projects[GONE]
    assert instances(commands, GONE) == 75
    commands.ok("quota", "delete", GONE)
    assert instances(commands, GONE) != 75


def test_who_may_not_ask(commands: Commands, keystone: Keystone) -> None:
    keystone.login = MEMBER
    done = commands.run("quota", "show", "--project", "demo")
    said = "you may not ask for project 'demo' by name: give its id (HTTP 403)"
    assert (done.code, done.lines) == (1, [said])
    done = commands.run("quota", "show", "--project", GONE)  # of our API
    assert done.code == 1 and "by name" not in done.lines[0]


def test_other_commands(commands: Commands, keystone: Keystone) -> None:
    made = commands.json("network", "create", "--project", "demo", "of-demo")
    try:
        assert made["project_id"] == DEMO
        rows = commands.json("network", "list", "--project", "demo")
        assert [row["Name"] for row in rows] == ["of-demo"]
        assert commands.run("network", "create", "--project", "dmeo", "of-dmeo").code == 1
    finally:
        commands.run("network", "delete", "of-demo")
    commands.ok("flavor", "create", "--private", "of-demo")
    try:
        assert commands.run("flavor", "set", "--project", "dmeo", "of-demo").code == 1
        commands.ok("flavor", "set", "--project", DEMO, "of-demo")
        commands.ok("flavor", "unset", "--project", "demo", "of-demo")
        assert commands.run("flavor", "unset", "--project", DEMO, "of-demo").code == 1
    finally:
        commands.run("flavor", "delete", "of-demo")


def test_nobody_can_be_asked(commands: Commands) -> None:
    assert limit(commands, "demo", 76).code == 0
    assert instances(commands, "demo") == 76
    commands.ok("quota", "delete", "demo")


def test_an_identity_service_that_is_told_of(
    commands: Commands, keystone: Keystone, tmp_path: Path
) -> None:
    """As in the clouds.yaml of `nova-lite up`."""
    file = tmp_path / "clouds.yaml"
    cloud = json.loads(file.read_text())["clouds"]["nova-lite"]
    cloud |= {
        "auth_type": "admin_token",
        "auth": {"endpoint": f"{commands.url}/v2.1", "token": ADMIN},
        "identity_endpoint_override": keystone.url,
    }
    file.write_text(json.dumps({"clouds": {"nova-lite": cloud}}))
    assert not [name for name in os.environ if name.startswith("OS_AUTH")]
    assert limit(commands, "demo", 77).code == 0
    assert instances(commands, DEMO) == 77
    assert limit(commands, "dmeo", 77).code == 1
    commands.ok("quota", "delete", "demo")
