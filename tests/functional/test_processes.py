# SPDX-License-Identifier: Apache-2.0
"""Daemons as processes: signals, workers, refusals in one line. No broker is needed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fixtures.process import children_of
from tests.fixtures.wait import wait_for

ROOT = Path(__file__).parents[2]


class Daemon:
    """The echo daemon as a process."""

    def __init__(self, folder, backend, workers=1, text="", **environment):
        self.config = folder / "nova.conf"
        self.config.write_text(f"[DEFAULT]\ntransport_url = memory://\n{text}")
        self.log = folder / "log"
        command = [sys.executable, "-m", "tests.fixtures.echo_daemon", backend, str(workers)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "--config-file", str(self.config)],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **environment},
            )

    def text(self):
        return self.log.read_text()

    def says(self, words, times=1, timeout=30.0):
        wait_for(lambda: self.text().count(words) >= times, timeout, f"{words!r}: {self.text()}")

    def signal(self, number):
        self.process.send_signal(number)

    def exit_code(self, timeout=30.0):
        return self.process.wait(timeout)

    def close(self):
        for pid in children_of(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def daemon(tmp_path):
    made = []

    def make(*args, **options):
        made.append(Daemon(tmp_path, *args, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


BACKENDS = pytest.mark.parametrize("backend", ["eventlet", "threading"])


@BACKENDS
@pytest.mark.parametrize("workers", [1, 2])
def test_term_ends_it_in_order(daemon, backend, workers):
    subject = daemon(backend, workers)
    subject.says("nova-lite-echo is ready", workers)
    children = children_of(subject.process.pid)
    assert len(children) == (0 if workers == 1 else workers)
    subject.signal(signal.SIGTERM)
    assert subject.exit_code() == 0
    assert subject.text().count("is stopping") == workers
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


@BACKENDS
@pytest.mark.parametrize("workers", [1, 2])
def test_hangup_reads_mutable_options_again(daemon, backend, workers):
    subject = daemon(backend, workers)
    subject.says("is ready", workers)
    subject.config.write_text("[DEFAULT]\ntransport_url = memory://\ndebug = true\n")
    subject.signal(signal.SIGHUP)
    subject.says("has read its configuration again", workers)
    assert subject.process.poll() is None


@BACKENDS
def test_a_dead_worker_is_replaced(daemon, backend):
    subject = daemon(backend, 2)
    subject.says("is ready", 2)
    before = children_of(subject.process.pid)
    os.kill(before[0], signal.SIGKILL)
    subject.says("is ready", 3)
    after = children_of(subject.process.pid)
    assert len(after) == 2
    assert before[1] in after
    assert f"worker {before[0]} ended (signal 9)" in subject.text()


@BACKENDS
@pytest.mark.parametrize("workers", [1, 2])
def test_a_wrong_configuration_ends_it_with_one_line(daemon, backend, workers):
    subject = daemon(backend, workers, ECHO_FAIL="configuration")
    assert subject.exit_code() == 1
    assert subject.text() == "nova-lite-echo: Option [echo] volume: is too loud\n"


def test_a_wrong_value_ends_it_with_one_line(daemon):
    subject = daemon("threading", text="graceful_shutdown_timeout = soon\n")
    assert subject.exit_code() == 1
    line = "nova-lite-echo: option [DEFAULT] graceful_shutdown_timeout: "
    assert subject.text().startswith(line)
    assert subject.text().count("\n") == 1


def test_another_failure_at_start_is_logged_with_its_traceback(daemon):
    subject = daemon("threading", ECHO_FAIL="python")
    assert subject.exit_code() == 1
    assert "ValueError: cannot" in subject.text()


@pytest.mark.parametrize("workers", [1, 2])
def test_systemd_is_told_when_all_workers_are_ready(daemon, tmp_path, workers):
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(address))
        notified.settimeout(30)
        subject = daemon("eventlet", workers, NOTIFY_SOCKET=str(address))
        assert notified.recv(100) == b"READY=1"
        assert subject.text().count("is ready") == workers


@BACKENDS
def test_usr2_writes_a_report_without_secrets(daemon, backend):
    subject = daemon(backend, text="[database]\nconnection = mysql://nova:hunter2@db/nova\n")
    subject.says("is ready")
    subject.signal(signal.SIGUSR2)
    for words in ("Guru Meditation", "nova-lite-echo", "Threads", "graceful_shutdown_timeout"):
        subject.says(words)
    subject.signal(signal.SIGTERM)
    assert subject.exit_code() == 0
    assert "hunter2" not in subject.text()


@BACKENDS
def test_work_gets_so_long_to_end(daemon, backend):
    subject = daemon(backend, text="graceful_shutdown_timeout = 1\n", ECHO_BUSY="1")
    subject.says("is ready")
    subject.signal(signal.SIGTERM)
    assert subject.exit_code() == 0
    assert "work was still going on after 1 s" in subject.text()


@BACKENDS
@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_term_does_not_wait_for_work(daemon, backend, workers):
    subject = daemon(backend, workers, ECHO_BUSY="1")
    subject.says("is ready", workers)
    subject.signal(signal.SIGTERM)
    subject.says("is stopping", workers)
    assert subject.process.poll() is None
    subject.signal(signal.SIGTERM)
    assert subject.exit_code(10) == (1 if workers == 1 else 0)
    subject.says("was told twice to stop", workers)


@BACKENDS
def test_workers_end_with_their_parent(daemon, backend):
    subject = daemon(backend, 2)
    subject.says("is ready", 2)
    children = children_of(subject.process.pid)
    subject.signal(signal.SIGKILL)
    for pid in children:
        wait_for(lambda pid=pid: gone(pid), 10, f"worker {pid} to end")


def gone(pid):
    """Ended, though nobody may have asked for its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_a_daemon_without_broker_can_be_stopped(daemon):
    subject = daemon("threading", text="transport_url = rabbit://127.0.0.1:1/\n")
    subject.says("[DEFAULT] transport_url: the broker at 127.0.0.1:1")
    began = time.monotonic()
    subject.signal(signal.SIGTERM)
    assert subject.exit_code() == 0
    assert time.monotonic() - began < 5
