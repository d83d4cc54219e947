# SPDX-License-Identifier: Apache-2.0
"""devstack/up as somebody who is not root: a guest in qemu:///session, reached by ssh through a
port of the machine."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures import libvirtd
from tests.fixtures.guest_image import FOLDER_VARIABLE, can_be_built, guest_image
from tests.fixtures.process import find_program, make_folder
from tests.fixtures.wait import wait_for
from tests.integration.test_devstack import ROOT, Devstack

NOBODY = 65534
LOGIN = 120.0  # seconds
HOST_KEYS = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=10"

pytestmark = [pytest.mark.libvirt, pytest.mark.slow, pytest.mark.timeout(900)]


class OrdinaryUser(Devstack):
    """Run by root, the commands are nobody's."""

    def __init__(self) -> None:
        super().__init__()
        # short: libvirt's sockets are below it
        place = self.place = make_folder("u")
        self.home.parent.rmdir()
        self.home = place / "home"
        cache = place / "cache"
        shutil.copytree(guest_image().parent, cache, dirs_exist_ok=True)
        (place / "run").mkdir(mode=0o700)
        self.environment |= {
            "NOVA_LITE_HOME": str(self.home),
            FOLDER_VARIABLE: str(cache), "HOME": str(place), "XDG_RUNTIME_DIR": str(place / "run")
        }  # fmt: skip
        for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "TMPDIR"):
            self.environment.pop(name, None)
        if os.geteuid() == 0:
            self.prefix = (
                *("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"),
            )
            for path in (place, *place.rglob("*")):
                os.chown(path, NOBODY, NOBODY)

    def may_read(self, path: Path) -> bool:
        done = subprocess.run([*self.prefix, "test", "-r", str(path)], check=False)
        return done.returncode == 0

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        """A line of a shell as `up` says to use it."""
        before = (
            f"export PATH={shlex.quote(sys.prefix)}/bin:$PATH OS_CLOUD=nova-lite "
            f"OS_CLIENT_CONFIG_FILE={shlex.quote(str(self.home))}/clouds.yaml"
        )
        return subprocess.run(
            [*self.prefix, "sh", "-c", f"{before}; {line}"], env=self.environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def log_in(self, command: str) -> str:
        key = self.home / "devstack.key"
        line = f"nova-lite server ssh {HOST_KEYS} -i {key} first {command} </dev/null"

        def said() -> str:
            done = self.shell(line)
            return done.stdout if done.returncode == 0 else ""

        return wait_for(said, LOGIN, "a login").strip()


@pytest.fixture
def user() -> Iterator[OrdinaryUser]:
    if not libvirtd.available() or not can_be_built() or not find_program("ssh"):
        pytest.skip("libvirt, QEMU, ssh or a tool of the image builder is not installed")
    user = OrdinaryUser()
    for path in (ROOT / "devstack" / "up", Path(sys.prefix) / "bin" / "nova-lite"):
        if not user.may_read(path):
            shutil.rmtree(user.place)
            pytest.skip(f"{path} is closed to ordinary users")
    try:
        yield user
    finally:
        user.run("down", "--purge")
        shutil.rmtree(user.place)


def test_the_injected_key_logs_in(user: OrdinaryUser) -> None:
    shown = user.run("up")
    assert "GUEST: config drive" in shown
    told = re.search(r"^ +(ssh -p (\d+) .* 127\.0\.0\.1)$", shown, re.MULTILINE)
    assert told is not None, shown[-1500:]
    # the very command that people are told, but for the question about the host's key
    done = user.shell(told[1].replace("ssh ", f"ssh {HOST_KEYS} ", 1) + " hostname </dev/null")
    assert done.stdout.startswith("first"), done.stderr
    boot = user.log_in("cat /proc/sys/kernel/random/boot_id")

    user.run("down")
    again = user.run("up")
    assert f"ssh -p {told[2]} " in again, "the port stays"
    assert user.log_in("cat /proc/sys/kernel/random/boot_id") != boot
