# SPDX-License-Identifier: Apache-2.0
"""What `nova-lite up` decides before it starts anything."""

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.base import concurrency
from nova_lite.cli.commands import cloud
from nova_lite.cli.errors import TookTooLong
from nova_lite.cli.main import main
from nova_lite.cli.process import EmbeddedProcess
from tests.fixtures.wait import wait_for

REAL_START = EmbeddedProcess.start


class Started(Exception):
    """With the arguments that the process would have been given."""


@pytest.fixture(autouse=True)
def _nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(process: EmbeddedProcess, arguments: list[str]) -> None:
        raise Started(*arguments)

    # a real one takes seconds, and all of this is decided before it
    monkeypatch.setattr(EmbeddedProcess, "start", start)


def port_of(folder: Path, *words: str) -> int:
    """The one that it would be started on."""
    parser = cloud.Up(None, None).get_parser("up")
    with pytest.raises(Started) as started:
        cloud.Up(None, None).take_action(parser.parse_args(["--data", str(folder), *words]))
    given = started.value.args
    return int(given[given.index("--port") + 1])


def remember(folder: Path, port: int) -> None:
    place = {"compute_endpoint_override": f"http://127.0.0.1:{port}/v2.1"}
    (folder / "clouds.yaml").write_text(json.dumps({"clouds": {cloud.CLOUD: place}}))


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[int]:
    """By something that is no nova-lite."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_the_port_is_that_of_the_last_time(tmp_path: Path, free_port: int) -> None:
    remember(tmp_path, free_port)
    assert port_of(tmp_path) == free_port


def test_unless_another_one_is_chosen(tmp_path: Path, free_port: int) -> None:
    remember(tmp_path, 1)
    assert port_of(tmp_path, "--port", str(free_port)) == free_port


def test_a_new_cloud_has_the_default(tmp_path: Path) -> None:
    assert cloud.last_port(tmp_path) == cloud.PORT


@pytest.mark.parametrize("text", ["{}", "[]", '{"clouds": []}', '{"clouds": {"%s": 1}}'])
def test_a_damaged_file_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "clouds.yaml").write_text(text.replace("%s", cloud.CLOUD))
    assert cloud.last_port(tmp_path) == cloud.PORT
    remember(tmp_path, 99999)
    assert cloud.last_port(tmp_path) == cloud.PORT


def test_a_new_folder_is_for_its_owner_alone(tmp_path: Path, free_port: int) -> None:
    port_of(tmp_path / "new", "--port", str(free_port))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("listen", ["127.0.0.1", "0.0.0.0"])
def test_where_the_port_is_taken_nothing_is_made(
    tmp_path: Path, taken_port: int, listen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    where = ["--data", str(folder), "--port", str(taken_port), "--listen", listen]
    assert main(["up", *where]) != 0
    assert f"something else listens on port {taken_port}; choose --port" in capsys.readouterr().err
    assert not folder.exists()


def test_where_a_file_is_no_folder_can_be(
    tmp_path: Path, free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["up", "--data", str(tmp_path / "file"), "--port", str(free_port)]) != 0
    assert f"{tmp_path / 'file'}: File exists" in capsys.readouterr().err


def test_two_at_once_start_one(tmp_path: Path, free_port: int) -> None:
    """The second looks again once the first has said what it started."""
    parser = cloud.Up(None, None).get_parser("up")
    args = parser.parse_args(["--data", str(tmp_path), "--port", str(free_port), "--timeout", "0"])
    first = EmbeddedProcess(tmp_path)
    with first.starting():
        second = concurrency.spawn(cloud.Up(None, None).take_action, args)
        wait_for(lambda: waits_for(tmp_path / "run" / "starting.lock"), 10, "the second to wait")
        started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
        (tmp_path / "run" / "nova-lite.pid").write_text(f"{os.getpid()} {started}\n")
    with pytest.raises(TookTooLong):  # nothing answers there, and nothing was Started
        second.wait(10)


def waits_for(path: Path) -> bool:
    """Whether somebody waits for the lock on this file."""
    number = f":{path.stat().st_ino} "
    waiting = (line for line in Path("/proc/locks").read_text().splitlines() if "->" in line)
    return any(number in line for line in waiting)


def test_last_words_are_of_what_was_started(tmp_path: Path) -> None:
    process = EmbeddedProcess(tmp_path)
    with process.starting():
        process.log.write_text("an old refusal\n")
        REAL_START(process, ["--port", "none"]).wait(60)
    assert "none" in process.last_words()
    assert "an old refusal" not in process.last_words()
