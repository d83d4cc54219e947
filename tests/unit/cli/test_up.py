# SPDX-License-Identifier: Apache-2.0
"""What `nova-lite up` decides before it starts anything."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.cli.commands import cloud
from nova_lite.cli.main import main
from nova_lite.cli.process import EmbeddedProcess


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
    (tmp_path / "clouds.yaml").write_text("{}")
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
