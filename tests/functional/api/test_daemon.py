# SPDX-License-Identifier: Apache-2.0
"""nova-lite-api as a process: workers, signals, and what it says when it cannot start."""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.process import Process, children_of, free_port
from tests.fixtures.wait import wait_for

COMMAND = [sys.executable, "-m", "nova_lite.cmd.api", "--config-file"]


def write(path: Path, port: int, **more: str) -> Path:
    """A configuration file; `group__name` for options of a group."""
    options = {
        "DEFAULT__transport_url": "memory://",
        "DEFAULT__osapi_compute_listen": "127.0.0.1",
        "DEFAULT__osapi_compute_listen_port": str(port),
        "DEFAULT__osapi_compute_workers": "2",
        "api__auth_strategy": "noauth2",
        **more,
    }
    text = "".join(
        f"[{group}]\n{name} = {value}\n"
        for (group, _, name), value in ((key.partition("__"), v) for key, v in options.items())
    )
    path.write_text(text)
    return path


def get(port: int, path: str) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"X-Auth-Token": "a:b"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


class Daemon:
    def __init__(self, folder: Path, backend: str) -> None:
        self.port = free_port()
        self.process = Process("nova-lite-api", folder / "log")
        config = write(folder / "nova.conf", self.port)
        environment = {"NOVA_LITE_CONCURRENCY": backend}
        self.process.start([*COMMAND, str(config)], self.answers, env=environment)

    def answers(self) -> bool:
        try:
            return get(self.port, "/")[0] == 200
        except OSError:
            return False


@pytest.fixture(params=["eventlet", "threading"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Daemon]:
    made = Daemon(tmp_path, request.param)
    yield made
    made.process.kill()


def test_workers(daemon: Daemon) -> None:
    wait_for(lambda: len(children_of(daemon.process.pid)) == 2, 10, "two workers")
    assert get(daemon.port, "/v2.1/")[1]["version"]["version"] == "2.104"
    for _ in range(20):
        assert get(daemon.port, "/")[0] == 200
    daemon.process.stop()
    assert not daemon.process.running()
    assert daemon.process.exit_code == 0
    with pytest.raises(OSError):
        get(daemon.port, "/")


def test_a_worker_that_dies_is_replaced(daemon: Daemon) -> None:
    wait_for(lambda: len(children_of(daemon.process.pid)) == 2, 10, "two workers")
    first, second = children_of(daemon.process.pid)
    subprocess.run(["kill", "-9", str(first)], check=True)

    def replaced() -> bool:
        now = children_of(daemon.process.pid)
        return len(now) == 2 and first not in now and second in now

    try:
        wait_for(replaced, 30, "a new worker")
    except TimeoutError as error:
        now = children_of(daemon.process.pid)
        raise AssertionError(f"{first}, {second} became {now}: {daemon.process.tail()}") from error
    assert daemon.answers()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"wsgi__api_paste_config": "/nowhere.ini"}, "[wsgi] api_paste_config"),
        ({"wsgi__ssl_cert_file": "/nowhere.pem"}, "[wsgi] ssl_cert_file"),
        ({"api__auth_strategy": "http_basic"}, "[api] http_basic"),
        ({"api__auth_strategy": "keystone"}, "[keystone_authtoken] auth_type"),
        ({"api__auth_strategy": "nothing"}, "auth_strategy"),
        ({"api__max_limit": "-1"}, "max_limit"),
        ({"DEFAULT__osapi_compute_listen": "192.0.2.1"}, "osapi_compute_listen"),
        ({"oslo_policy__policy_file": "BAD"}, "policy_file"),
    ],
    ids=str,
)
def test_one_line_says_what_is_wrong(tmp_path: Path, options: dict[str, str], words: str) -> None:
    bad = tmp_path / "rules.yaml"
    bad.write_text("{")
    options = {name: str(bad) if value == "BAD" else value for name, value in options.items()}
    config = write(tmp_path / "nova.conf", free_port(), **options)
    ended = subprocess.run(
        [*COMMAND, str(config)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("nova-lite-api: ") and words in lines[0]


def test_a_port_that_is_taken(daemon: Daemon, tmp_path: Path) -> None:
    config = write(tmp_path / "second.conf", daemon.port)
    ended = subprocess.run(
        [*COMMAND, str(config)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "osapi_compute_listen_port" in ended.stderr


def test_another_wsgi_server(tmp_path: Path) -> None:
    """The application as gunicorn and others import it."""
    config = write(tmp_path / "nova.conf", free_port())
    program = (
        "from wsgiref.util import setup_testing_defaults as fill\n"
        "from nova_lite.api.wsgi import application\n"
        "environ = {'SCRIPT_NAME': '', 'PATH_INFO': '/v2.1/'}\n"
        "fill(environ)\n"
        "print(b''.join(application(environ, lambda status, headers: print(status))).decode())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "NOVA_LITE_CONFIG_FILES": str(config)},
    )
    said = ended.stdout.strip().splitlines()  # the log's lines are among them
    assert "200 OK" in said
    assert json.loads(said[-1])["version"]["id"] == "v2.1"
