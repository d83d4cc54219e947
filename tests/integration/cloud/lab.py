# SPDX-License-Identifier: Apache-2.0
"""Clouds with real guests, in network namespaces: nothing of the machine's own network or
libvirt is touched. What is started while a namespace is entered runs in it."""

import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nova_lite.base import process
from tests.fixtures.guest_image import can_be_built
from tests.fixtures.libvirtd import SystemLibvirtd, available
from tests.fixtures.process import find_program, make_folder
from tests.fixtures.wait import wait_for
from tests.integration.network.lab import ROOT, Namespace

NEEDED = ("ip", "nft", "dnsmasq", "nsenter", "unshare", "ssh", "busybox")
BOOT = 240.0  # seconds: without hardware virtualisation, on a busy machine
COMMAND = 120.0
LOGIN = 90.0
NETWORK_NAMESPACES = 0x40000000  # CLONE_NEWNET
BIN = Path(sys.executable).parent
SSH = [
    "ssh", "-n", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR",
    "-o", "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=10", "-o", "IdentitiesOnly=yes",
]  # fmt: skip


def missing() -> str:
    """Why there can be no such cloud here; "" where there can."""
    programs = [name for name in NEEDED if find_program(name) is None]
    if os.geteuid():
        return "needs root"
    if programs:
        return f"needs {', '.join(programs)}"
    if not (available() and can_be_built()):
        return "needs libvirtd, QEMU and what the guest image is made of"
    return ""


_libc = ctypes.CDLL(None, use_errno=True)


def _enter(namespace: int) -> None:
    if _libc.setns(namespace, NETWORK_NAMESPACES):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


@contextlib.contextmanager
def entered(namespace: Namespace) -> Iterator[None]:
    """This thread, and what it starts, is there meanwhile."""
    there = f"/proc/{namespace.pid}/ns/net"
    with open("/proc/thread-self/ns/net", "rb") as own, open(there, "rb") as other:
        _enter(other.fileno())
        try:
            yield
        finally:
            _enter(own.fileno())


class Machine(Namespace):
    """A host that has a libvirtd of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.libvirtd = SystemLibvirtd()

    def start_libvirtd(self) -> None:
        with entered(self):
            self.libvirtd.start()

    def end(self) -> None:
        """Its guests end too."""
        self.libvirtd.stop()
        super().end()


class Client:
    """openstack, with a cloud's clouds.yaml or variables."""

    def __init__(self, **variables: str) -> None:
        clean = {n: v for n, v in process.environment().items() if not n.startswith("OS_")}
        self.variables = {**clean, **variables}

    def text(self, *words: str) -> str:
        done = subprocess.run(
            [BIN / "openstack", *words], env=self.variables, capture_output=True, text=True,
            timeout=COMMAND, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"openstack {' '.join(words)}: {done.stderr}{done.stdout}"
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.text(*words, "-f", "json"))

    def console(self, server: str) -> str:
        return self.text("console", "log", "show", server)

    def console_with(self, server: str, words: str, timeout: float = BOOT) -> str:
        """What the guest has said, once these words are in it."""
        last = ""

        def said() -> str | None:
            nonlocal last
            last = self.console(server)
            return last if words in last else None

        try:
            return wait_for(said, timeout, f"{server} to say {words!r}") or ""
        except TimeoutError as error:
            raise AssertionError(f"{error}; it said:\n{last[-2000:]}") from error


def login(key: Path, address: str, command: str, timeout: float = LOGIN) -> str:
    """What a command says in the guest; tried until the guest lets us in."""
    words = [*SSH, "-i", str(key), f"root@{address}", command]
    done: subprocess.CompletedProcess[str] | None = None

    def tried() -> bool:
        nonlocal done
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode != 255  # which is ssh's own

    try:
        wait_for(tried, timeout, f"a login at {address}")
    except TimeoutError as error:
        raise AssertionError(f"{error}: {done.stderr if done else ''}") from error
    assert done is not None
    return done.stdout


class Embedded:
    """`nova-lite up` on a machine of its own. Tests are in its namespace while it is started.
    `options`: more lines for its local.conf."""

    def __init__(self, options: str = "") -> None:
        self._options = options
        self.folder = make_folder("cloud")
        self.home = self.folder / "home"
        self.machine = Machine()
        self._variables = {**process.environment(), "PYTHONPATH": str(ROOT)}

    @contextlib.contextmanager
    def started(self) -> Iterator[Client]:
        try:
            self.machine.start_libvirtd()
            with entered(self.machine):
                try:
                    self._configure()
                    self.up()
                    yield self._client()
                finally:
                    self.down("--network")
        finally:
            self.machine.end()
            shutil.rmtree(self.folder)

    def _client(self) -> Client:
        place = str(self.home / "clouds.yaml")
        return Client(OS_CLIENT_CONFIG_FILE=place, OS_CLOUD="nova-lite")

    def _configure(self) -> None:
        etc = self.home / "etc"
        etc.mkdir(parents=True)
        (etc / "local.conf").write_text(
            f"[libvirt]\nvirt_type = qemu\nconnection_uri = {self.machine.libvirtd.uri}\n"
            f"{self._options}\n"
        )

    def up(self) -> None:
        options = ["--driver", "libvirt", "--timeout", str(COMMAND)]
        self._run("nova_lite.cli.main", "up", "--data", str(self.home), *options)

    def down(self, *words: str) -> None:
        self._run("nova_lite.cli.main", "down", "--data", str(self.home), *words)

    def _run(self, module: str, *words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", module, *words], env=self._variables, capture_output=True,
            text=True, timeout=COMMAND + 30, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{module} {words}: {done.stderr}{done.stdout}{self.log()}"

    def log(self) -> str:
        path = self.home / "log" / "nova-lite.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""
