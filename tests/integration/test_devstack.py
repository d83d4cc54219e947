# SPDX-License-Identifier: Apache-2.0
"""devstack/up and devstack/down, as somebody types them, with real guests."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures import libvirtd
from tests.fixtures.guest_image import FOLDER_VARIABLE, can_be_built
from tests.fixtures.process import find_program, free_port, make_folder
from tests.fixtures.wait import wait_for

ROOT = Path(__file__).resolve().parents[2]
UP_LIMIT = 360  # seconds, also where nothing is cached

pytestmark = [pytest.mark.libvirt, pytest.mark.slow, pytest.mark.timeout(900)]


class Devstack:
    """The commands with a home and ports of their own, in the environment that runs the tests.
    `prefix`: a program that runs them."""

    prefix: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.home = make_folder("devstack") / "home"
        cache = os.environ.get(FOLDER_VARIABLE, str(ROOT / ".devstack" / "cache"))
        ports = (
            "PORT",
            "METADATA_PORT",
            "NOVNC_PORT",
            "SERIAL_PORT",
            "DATABASE_PORT",
            "BROKER_PORT",
            "BROKER_NODES_PORT",
            "BROKER_NAMES_PORT",
        )
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OS_")},
            "NOVA_LITE_HOME": str(self.home),
            "NOVA_LITE_VENV": sys.prefix,
            FOLDER_VARIABLE: cache,
            **{f"NOVA_LITE_{name}": str(free_port()) for name in ports},
        }

    def run(self, command: str, *words: str, timeout: float = UP_LIMIT) -> str:
        done = subprocess.run(
            [*self.prefix, ROOT / "devstack" / command, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{self.logs()}"
        return done.stdout

    def logs(self) -> str:
        """The end of each log, for when something failed."""
        tails = []
        for path in sorted((self.home / "log").glob("*.log")):
            text = path.read_text(errors="replace")[-1500:]
            tails.append(f"--- {path.name}\n{text}")
        return "\n".join(tails)

    def openstack(self, *words: str) -> object:
        done = subprocess.run(
            [Path(sys.prefix) / "bin" / "openstack", *words, "-f", "json"],
            env={
                **self.environment,
                "OS_CLIENT_CONFIG_FILE": str(self.home / "clouds.yaml"),
                "OS_CLOUD": "nova-lite",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def processes(self) -> dict[str, tuple[int, str]]:
        """Name -> (process id, start time) of what was started and still runs."""
        found = {}
        for path in (self.home / "run").glob("*.pid"):
            words = path.read_text().split()
            if len(words) == 2 and _runs(int(words[0]), words[1]):
                found[path.stem] = (int(words[0]), words[1])
        return found

    def domains(self, *which: str) -> list[str]:
        """Names of libvirt's domains with a file in this home, running or not."""
        found = []
        for name in _virsh("list", "--name", *(which or ("--all",))).split():
            if str(self.home) in _virsh("dumpxml", name):
                found.append(name)
        return found

    def running(self) -> list[str]:
        return self.domains("--state-running")


def _virsh(*words: str) -> str:
    uri = "qemu:///system" if os.geteuid() == 0 else "qemu:///session"
    done = subprocess.run(
        ["virsh", "-q", "-c", uri, *words], capture_output=True, text=True, check=False
    )
    return done.stdout


def _runs(pid: int, started: str) -> bool:
    """Whether that very process is there, and not as a zombie."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return words[0] != "Z" and words[19] == started


def stop_and_wait(devstack: Devstack, name: str) -> None:
    script = Path(sys.prefix) / "bin" / "openstack"
    where = {"OS_CLIENT_CONFIG_FILE": str(devstack.home / "clouds.yaml"), "OS_CLOUD": "nova-lite"}
    command = [script, "server", "stop", name]
    subprocess.run(command, env={**devstack.environment, **where}, check=True, timeout=120)

    def stopped() -> bool:
        shown = devstack.openstack("server", "show", name)
        return isinstance(shown, dict) and shown["status"] == "SHUTOFF"

    wait_for(stopped, 120, f"{name} to be stopped")


@pytest.fixture
def devstack() -> Iterator[Devstack]:
    if not libvirtd.available() or not can_be_built():
        pytest.skip("libvirt, QEMU or a tool of the image builder is not installed")
    devstack = Devstack()
    yield devstack
    devstack.run("down", "--purge")
    assert not devstack.home.exists()
    devstack.home.parent.rmdir()


def test_one_process(devstack: Devstack) -> None:
    shown = devstack.run("up")
    assert "first" in shown
    assert re.search(r"^first\S* login:", shown, re.MULTILINE), "the login prompt is shown"
    if os.geteuid() == 0:  # the built-in network
        assert re.search(r"^GUEST: dhcp eth0 10\.0\.0\.\d+/24", shown, re.MULTILINE)
        assert "GUEST: metadata from metadata-service: uuid=" in shown
        assert "GUEST: ssh keys: 1" in shown
    assert "openstack server create" in shown, "what to type next"
    server = devstack.openstack("server", "show", "first")
    assert isinstance(server, dict)
    assert server["status"] == "ACTIVE"
    started = devstack.processes()
    assert "nova-lite" in started

    assert "ACTIVE already" in devstack.run("up")
    assert devstack.processes() == started, "what runs stays"

    boot = ["server", "create", "--flavor", "tiny", "--image", "tiny", "--wait", "second"]
    devstack.openstack(*boot)
    stop_and_wait(devstack, "first")
    devstack.run("down")
    assert devstack.processes() == {}
    assert not any(_runs(pid, start) for pid, start in started.values())

    assert "first is stopped, as it was left" in devstack.run("up")
    wait_for(lambda: len(devstack.running()) == 1, 60, "the server that ran to run again")
    servers = devstack.openstack("server", "list")
    assert isinstance(servers, list)
    again = {one["Name"]: (one["Status"], one["ID"]) for one in servers}
    assert again["first"] == ("SHUTOFF", server["id"])
    assert again["second"][0] == "ACTIVE"
    assert len(devstack.domains()) == 2

    devstack.run("down", "--wipe")
    assert not (devstack.home / "db").exists()
    devstack.run("up", "--no-guest")
    assert devstack.openstack("server", "list") == []
    assert devstack.domains() == []


@pytest.mark.rabbit
@pytest.mark.mariadb
def test_every_daemon_its_own_process(devstack: Devstack) -> None:
    if not find_program("mariadbd") or not find_program("rabbitmq-server"):
        pytest.skip("MariaDB or RabbitMQ is not installed")
    shown = devstack.run("up", "--distributed")
    assert len(re.findall(r"^first\S* login:", shown, re.MULTILINE)) == 2
    assert re.search(r"^ +ssh -p \d+ .* 127\.0\.0\.1$", shown, re.MULTILINE), "how to log in"

    names = {"api", "conductor", "scheduler", "compute1", "compute2", "mariadb", "rabbitmq"}
    assert names <= set(devstack.processes())
    hosts = [
        devstack.openstack("server", "show", name)["OS-EXT-SRV-ATTR:host"]  # type: ignore[index]
        for name in ("first1", "first2")
    ]
    assert hosts == ["compute1", "compute2"]

    with_database = [
        p.name for p in (devstack.home / "etc").glob("*.conf") if "mysql" in p.read_text()
    ]
    assert with_database == ["conductor.conf"]
    for path in (devstack.home / "etc").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"
    queues = subprocess.run(
        [devstack.home / "bin" / "rabbitmqctl", "-q", "list_queues", "name"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    for topic in ("conductor", "scheduler", "compute.compute1", "compute.compute2"):
        assert topic in queues
    devstack.run("down")
    assert devstack.processes() == {}
