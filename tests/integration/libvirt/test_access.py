# SPDX-License-Identifier: Apache-2.0
"""Guests whose processes belong to another user than the service, as a distribution's libvirt has
them: it reaches its disks and the image under them, and no third user does."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.libvirtd import Libvirtd, SystemLibvirtd
from tests.fixtures.process import make_folder
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import small, wait_ready
from tests.integration.libvirt.test_images import MEMBER, Store
from tests.integration.libvirt.test_mishaps import emulator_of

EMULATOR = "libvirt-qemu"
STRANGER = 65534


def _has(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not _has(EMULATOR), reason=f"needs root, and the user {EMULATOR}"
)


@pytest.fixture(scope="module")
def libvirtd() -> Iterator[Libvirtd]:
    daemon = SystemLibvirtd(emulator=EMULATOR)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()


@pytest.fixture
def instances() -> Iterator[Path]:
    """Where others get to, as in /var/lib."""
    folder = make_folder("instances")
    folder.chmod(0o711)
    yield folder / "instances"
    shutil.rmtree(folder)


def readable(path: Path, user: int) -> bool:
    """To a user without any group."""
    done = subprocess.run(
        ["head", "-c", "1", str(path)], user=user, group=user, extra_groups=[],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


@pytest.mark.parametrize("raw", [True, False], ids=["raw-base", "qcow2-base"])
def test_only_the_emulator_reaches_the_image_under_a_disk(
    libvirtd: Libvirtd, instances: Path, guest_qcow2: Path, tmp_path: Path, raw: bool
) -> None:
    store = Store(tmp_path, instances, force_raw_images=raw)
    driver = LibvirtDriver(
        make_conf(
            instances_path=str(instances),
            libvirt__snapshots_directory=str(instances / "snapshots"),
            libvirt__virt_type="qemu",
            libvirt__connection_uri=libvirtd.uri,
        )
    )
    driver.start("cpu-1")
    image_id = store.upload(guest_qcow2)
    root = store.cache.fetch(MEMBER, image_id)
    first, second = small(image_ref=image_id), small(image_ref=image_id)
    try:
        for instance in (first, second):
            driver.spawn(SpawnSpec(instance=instance, root=root))
        for instance in (first, second):
            wait_ready(driver, instance)
            process = Path(f"/proc/{emulator_of(instance)}")
            assert process.stat().st_uid == pwd.getpwnam(EMULATOR).pw_uid
        assert readable(root.path, pwd.getpwnam(EMULATOR).pw_uid)
        assert not readable(root.path, STRANGER)
        assert not readable(instances / first.uuid / "disk", STRANGER)
        # a copy of the disk while the guest runs, which the emulator writes
        assert driver.snapshots is not None
        copy = driver.snapshots.take(first, "copy", lambda: True)
        assert not readable(copy.path, STRANGER)
        driver.snapshots.drop(first, "copy")
        # what libvirt has given to the emulator is still the service's to read
        driver.destroy(second)
        driver.spawn(SpawnSpec(instance=second, root=root))
        assert driver.power.reboot(first, True) is PowerState.RUNNING
        wait_ready(driver, first, 2)
    finally:
        driver.destroy(first)
        driver.destroy(second)
