# SPDX-License-Identifier: Apache-2.0
"""`nova-lite` against the API over HTTP: several things at once, exit codes, waiting."""

import io
import json
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.process import free_port
from tests.functional.cli.conftest import LARGEST_IMAGE, Commands


@pytest.fixture
def servers(commands: Commands) -> Iterator[list[str]]:
    """The names of two servers, the only ones."""
    commands.run("flavor", "create", "--ram", "64", "--disk", "1", "small")
    file = commands.cloud.folder / "disk.raw"
    file.write_bytes(bytes(4096))
    if "tiny" not in commands.ok("image", "list"):
        commands.ok("image", "create", "--disk-format", "raw", "--file", str(file), "tiny")
    names = ["one", "two"]
    make = ("server", "create", "--image", "tiny", "--flavor", "small", "--network", "none")
    for name in names:
        commands.ok(*make, "--wait", name)
    yield names
    if left := [row["ID"] for row in commands.json("server", "list")]:
        commands.ok("server", "delete", "--wait", *left)


def statuses(commands: Commands) -> dict[str, str]:
    return {row["Name"]: row["Status"] for row in commands.json("server", "list")}


def test_servers_behind_a_wrong_one(commands: Commands, servers: list[str]) -> None:
    done = commands.run("server", "stop", "--wait", "one", "nobody", "two")
    assert (done.code, done.out) == (1, "")
    assert "nobody: no server with name or id 'nobody' (HTTP 404)" in done.lines
    assert done.lines[-1] == "1 of 3 servers failed"
    assert any(line.startswith("server two: SHUTOFF") for line in done.lines)  # the progress
    assert statuses(commands) == {"one": "SHUTOFF", "two": "SHUTOFF"}

    # What is refused for one in its state is done with the other.
    commands.ok("server", "start", "--wait", "one")
    done = commands.run("server", "pause", "--wait", "two", "one")
    assert (done.code, done.lines[-1]) == (1, "1 of 2 servers failed")
    assert done.lines[0].startswith("two: ") and "HTTP 409" in done.lines[0]
    assert statuses(commands) == {"one": "PAUSED", "two": "SHUTOFF"}

    done = commands.run("server", "delete", "--wait", "nobody", "one", "two", "neither")
    assert (done.code, done.lines[-1]) == (1, "2 of 4 servers failed")
    assert statuses(commands) == {}


def test_one_alone_says_it_as_it_is(commands: Commands) -> None:
    done = commands.run("server", "delete", "nobody")
    assert (done.code, done.lines) == (1, ["no server with name or id 'nobody' (HTTP 404)"])


@pytest.mark.parametrize(
    ("noun", "create"),
    [
        ("network", ["network", "create"]),
        ("security group", ["security", "group", "create"]),
        ("flavor", ["flavor", "create"]),
        ("server group", ["server", "group", "create", "--policy", "affinity"]),
        ("aggregate", ["aggregate", "create"]),
        ("image", ["image", "create", "--file", __file__, "--disk-format", "raw"]),
    ],
)
def test_all_that_can_be_deleted_is(commands: Commands, noun: str, create: list[str]) -> None:
    for name in ("aa", "bb"):
        commands.ok(*create, name)
    done = commands.run(*noun.split(), "delete", "aa", "nothing", "bb")
    assert (done.code, done.lines[-1]) == (1, f"1 of 3 {noun}s failed")
    assert len(done.lines) == 2 and done.lines[0].startswith("nothing: ")
    left = [row["Name"] for row in commands.json(*noun.split(), "list")]
    assert not {"aa", "bb"} & set(left)


def test_nobody_answers(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once is enough to say so."""
    file = tmp_path / "clouds.yaml"
    nowhere = f"http://127.0.0.1:{free_port()}"
    file.write_text(file.read_text().replace(commands.url, nowhere))
    done = commands.run("server", "stop", "one", "two")
    assert done.code == 4 and len(done.lines) == 1
    assert "nova-lite up" in done.lines[0]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["server", "create", "--image", "x"], 2),
        (["server", "rebuild", "--user-data", "/nowhere", "one", "--image", "tiny"], 2),
        (["keypair", "create", "--public-key", "/nowhere", "x"], 2),
        (["keypair", "create", "--private-key", "/nowhere/x", "x"], 2),
        (["image", "create", "--file", "/nowhere", "x"], 2),
        (["network", "show", "nobody"], 1),
        (["console", "show", "nobody"], 1),
        (["console", "show", "--type", "telnet", "one"], 2),
        (["aggregate", "show", "nobody"], 1),
        (["server", "remove", "network", "one", "private"], 1),
    ],
)
def test_exit_codes(commands: Commands, servers: list[str], words: list[str], code: int) -> None:
    commands.run("network", "create", "private")
    assert commands.run(*words).code == code


def test_consoles(commands: Commands, servers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    link = commands.json("console", "show", "one")
    assert (link["protocol"], link["type"]) == ("vnc", "novnc")
    assert link["page"] == link["url"] and link["url"].startswith("http://")
    link = commands.json("console", "show", "--type", "serial", "one")
    assert link["url"].startswith("ws://") and link["page"].startswith("http://")
    opened: list[str] = []

    def browse(page: str) -> bool:
        opened.append(page)
        return len(opened) == 1

    monkeypatch.setattr(webbrowser, "open", browse)
    commands.ok("console", "open", "one")
    done = commands.run("console", "open", "one")
    assert done.code == 1 and done.lines == [f"there is no browser here; the page is {opened[1]}"]
    whole = commands.ok("console", "log", "one").splitlines()
    assert whole and commands.ok("console", "log", "--lines", "1", "one").splitlines() == whole[-1:]


def test_how_one_logs_in_and_passwords(
    commands: Commands, servers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commands.ok("network", "create", "inside")
    commands.ok("subnet", "create", "--network", "inside", "--cidr", "10.6.0.0/24", "inside-4")
    commands.ok("server", "add", "network", "one", "inside")
    (interface,) = commands.json("server", "interface", "list", "one")
    for server in ("one", commands.json("server", "show", "one")["id"]):
        (port,) = commands.json("port", "list", "--server", server)
        assert port["ID"] == interface["Port"]
    assert commands.run("port", "list", "--server", "nobody").code == 1
    words = commands.ok("server", "ssh", "--print", "-i", "key", "one", "uptime").split()
    assert words[:3] == ["ssh", "-p", "22"]
    assert words[-3:] == ["--", interface["Addresses"][0]["ip_address"], "uptime"]
    done = commands.run("server", "ssh", "--print", "two")
    assert done.code == 1 and "server two has no address" in done.lines[0]
    for typed, code in (("", 2), ("s3cret\n", 0)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        assert commands.run("server", "password", "set", "one").code == code
    assert commands.json("server", "password", "show", "one") == {"password": ""}
    commands.ok("server", "password", "clear", "one")
    commands.ok("server", "remove", "network", "one", "inside")


def test_several_are_waited_for(commands: Commands, servers: list[str]) -> None:
    make = ("server", "create", "--image", "tiny", "--flavor", "small", "--network", "none")
    done = commands.run(*make, "--wait", "--count", "3", "-f", "json", "many")
    assert done.code == 0 and '"name": "many-1"' in done.out
    for name in ("many-1", "many-2", "many-3"):
        assert any(line.startswith(f"server {name}: ACTIVE") for line in done.lines)
        assert statuses(commands)[name] == "ACTIVE"
    commands.ok("flavor", "create", "--ram", "90000", "most")  # there is room for one
    make = ("server", "create", "--image", "tiny", "--flavor", "most", "--network", "none")
    done = commands.run(*make, "--wait", "--count", "2", "much")
    assert (done.code, done.lines[-1]) == (1, "1 of 2 servers failed")
    assert any("is in ERROR: No valid host was found" in line for line in done.lines)


@pytest.mark.parametrize("name", ["detail", "..", ".", "a/b c?ü#%41", "-x", "%2e%2e", "☃"])
def test_names_of_any_characters(commands: Commands, servers: list[str], name: str) -> None:
    make = ("server", "create", "--image", "tiny", "--flavor", "small", "--network", "none")
    commands.ok(*make, "--wait", "--", name)
    assert f'"name": {json.dumps(name)}' in commands.ok("server", "show", "-f", "json", "--", name)
    commands.ok("server", "stop", "--wait", "--", name)
    assert statuses(commands)[name] == "SHUTOFF"
    commands.ok("network", "create", "--", name)
    commands.ok("network", "delete", "--", name)
    file = commands.cloud.folder / "disk.raw"
    commands.ok("image", "create", "--disk-format", "raw", "--file", str(file), "--", name)
    commands.ok("image", "delete", "--", name)


@pytest.mark.parametrize("noun", ["server", "image", "flavor", "network", "server group"])
@pytest.mark.parametrize("name", ["detail", "..", "."])
def test_there_is_nothing_of_such_a_name(commands: Commands, noun: str, name: str) -> None:
    done = commands.run(*noun.split(), "show", name)
    assert done.code == 1 and len(done.lines) == 1 and done.lines[0].endswith("(HTTP 404)")


def test_a_server_that_ends_in_error(commands: Commands, servers: list[str]) -> None:
    commands.ok("flavor", "create", "--ram", "100000000", "huge")
    make = ("server", "create", "--image", "tiny", "--flavor", "huge", "--network", "none")
    done = commands.run(*make, "--wait", "giant")
    assert done.code == 3
    assert "giant is in ERROR" in done.lines[-1] and "nova-lite server explain" in done.lines[-1]
    shown = commands.json("server", "explain", "giant")
    assert shown["hosts considered"] >= 1
    assert [each["check"] for each in shown["reasons"]] == ["MEMORY_MB"]
    words = commands.ok("server", "explain", "giant", "-f", "value", "-c", "reasons")
    assert words == "MEMORY_MB: not enough is free\n"


def test_an_image_that_is_refused_leaves_nothing(commands: Commands) -> None:
    file = commands.cloud.folder / "large.raw"
    with file.open("wb") as out:
        out.truncate(LARGEST_IMAGE + 1)
    done = commands.run("image", "create", "--disk-format", "raw", "--file", str(file), "large")
    assert done.code == 1 and "HTTP 413" in done.lines[-1]
    assert "large" not in [row["Name"] for row in commands.json("image", "list")]


def test_ways_to_sign_in(commands: Commands, tmp_path: Path) -> None:
    file = tmp_path / "clouds.yaml"
    cloud = json.loads(file.read_text())["clouds"]["nova-lite"]
    cloud["compute_endpoint_override"] = f"{commands.url}/v2.1"
    nobody = {"auth_type": "none", "auth": {"endpoint": f"{commands.url}/v2.1"}}
    user = {"auth_type": "http_basic", "auth": {"username": "joe", "password": "wrong"}}
    clouds = {"nova-lite": {**cloud, **nobody}, "basic": {**cloud, **user}}
    file.write_text(json.dumps({"clouds": clouds}))
    assert commands.json("flavor", "list") is not None
    done = commands.run("--os-cloud", "basic", "flavor", "list")
    assert done.code == 6 and "basic" in done.lines[-1]  # not in that file: none was named
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
        done = commands.run("--os-cloud", "basic", "flavor", "list")
    # This API believes tokens alone.
    assert done.code == 1 and "HTTP 401" in done.lines[-1]


def test_completion(commands: Commands) -> None:
    script = commands.ok("complete", "--name", "nova-lite", "--shell", "bash")
    assert "cmds_console='log open show'" in script and "--wait" in script


def test_what_status_says(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert commands.run("status").code == 0
    assert commands.run("status", "--data", str(tmp_path)).code == 0
    # Of that folder, not of the cloud that the environment names.
    other = tmp_path / "other"
    other.mkdir()
    done = commands.run("status", "--data", str(other), "-f", "json")
    assert done.code == 3 and '"process": "not running"' in done.out
    file = tmp_path / "clouds.yaml"
    text = file.read_text()
    (other / "clouds.yaml").write_text(text)
    file.write_text(text.replace(commands.url, f"http://127.0.0.1:{free_port()}"))
    assert commands.run("status").code == 3
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    monkeypatch.setenv("OS_CLOUD", "nova-lite")
    assert commands.run("status", "--data", str(other)).code == 0
    (other / "clouds.yaml").write_text(text.replace("admin:admin", "joe:p:reader"))
    done = commands.run("status", "--data", str(other))
    assert done.code == 1 and "HTTP 403" in done.out
