# SPDX-License-Identifier: Apache-2.0
"""nova-lite-api-metadata as a process: it answers, ends, and says why it cannot start."""

import http.client
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.process import Process, free_port

COMMAND = [sys.executable, "-m", "nova_lite.cmd.metadata", "--config-file"]


def ask(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/openstack")
        return connection.getresponse().status
    finally:
        connection.close()


def write(folder: Path, port: int, secret: str) -> Path:
    path = folder / "nova.conf"
    path.write_text(
        f"""[DEFAULT]
transport_url = memory://
metadata_listen = 127.0.0.1
metadata_listen_port = {port}
metadata_workers = 2
[wsgi]
ssl_cert_file = /no/such/file
[neutron]
metadata_proxy_shared_secret = {secret}
"""
    )
    return path


@pytest.mark.parametrize("backend", ["eventlet", "threading"])
def test_it_answers_and_ends(tmp_path: Path, backend: str) -> None:
    port = free_port()

    def answers() -> bool:
        try:
            return ask(port) == 400
        except OSError:
            return False

    process = Process("nova-lite-api-metadata", tmp_path / "log")
    config = write(tmp_path, port, "secret")
    process.start([*COMMAND, str(config)], answers, env={"NOVA_LITE_CONCURRENCY": backend})
    process.stop()


def test_under_another_server(tmp_path: Path) -> None:
    """The application reads the files that the environment names, and answers."""
    code = """
from wsgiref.util import setup_testing_defaults
from nova_lite.api.metadata.wsgi import application
environ = {"PATH_INFO": "/openstack"}
setup_testing_defaults(environ)
print(b"".join(application(environ, lambda status, headers: print(status))))
"""
    config = write(tmp_path, free_port(), "secret")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NOVA_LITE_CONFIG_FILES": str(config)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[0] == "400 Bad Request", done.stderr
    assert "X-Instance-ID is missing" in done.stdout


def test_without_a_secret_it_says_so(tmp_path: Path) -> None:
    config = write(tmp_path, free_port(), "")
    done = subprocess.run([*COMMAND, str(config)], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if "metadata_proxy_shared_secret" in line]
    assert line.startswith("nova-lite-api-metadata: ")
