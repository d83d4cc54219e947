# SPDX-License-Identifier: Apache-2.0
"""The disks of real guests, in each format: how large they are, what is on them, and what
happens when the host has no room for them."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nova_lite.backends.image.fake import FakeImages
from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.compute.images import ImageCache
from nova_lite.domain.devices import BlockDevice
from nova_lite.domain.errors import FaultedBuild, Unavailable
from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.servers import make_flavor
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import (
    MakeDriver,
    console,
    serial,
    small,
    wait_login,
    wait_ready,
)

GIB, MIB = 1 << 30, 1 << 20
CONTEXT = RequestContext(project_id="p1")
GROWN = re.compile(r"root /dev/vda2 (\d+) MiB")
DISKS = {"qcow2": {}, "raw": {"libvirt__images_type": "raw"}}


def with_disks(*blanks: tuple[int, str | None, str | None], **flavor: int) -> Instance:
    """A server that asked for empty disks: (size, format, bus) of each."""
    uuid = ids.new_uuid()
    devices = [
        BlockDevice(
            uuid=ids.new_uuid(),
            instance_uuid=uuid,
            source_type="blank",
            destination_type="local",
            volume_size=size,
            guest_format=form,
            disk_bus=bus,
        )
        for size, form, bus in blanks
    ]
    return small(uuid=uuid, flavor=make_flavor(memory_mb=128, **flavor), block_devices=devices)


@pytest.mark.parametrize("kind", DISKS)
def test_a_guest_has_the_disks_that_were_asked_for(
    libvirtd: Libvirtd, make_driver: MakeDriver, root: RootImage, kind: str, instances: Path
) -> None:
    """Grown to the flavor, divided by the request; what the guest writes is there after the
    power was cut and the definition made anew."""
    driver = make_driver(**DISKS[kind])
    instance = with_disks(
        *((1, "vfat", None), (1, "ext3", "scsi"), (32, "swap", None)),
        root_gb=3,
        ephemeral_gb=2,
        swap_mb=64,
    )
    folder = instances / instance.uuid
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        assert _formats(folder) == {
            "disk": (kind, 3 * GIB),
            "disk.eph0": ("raw", GIB),
            "disk.eph1": ("raw", GIB),
            "disk.swap": ("raw", 32 * MIB),
        }
        # nothing is written ahead of its use, and no more is taken of the host than is used
        used = sum(path.stat().st_blocks * 512 for path in folder.iterdir())
        assert used < GIB // 4
        wait_ready(driver, instance)
        grown = GROWN.search(console(driver, instance))
        assert grown is not None and 2900 < int(grown.group(1)) <= 3072
        wait_login(driver, instance)
        with serial(libvirtd, driver, instance) as keyboard:
            keyboard.log_in()
            keyboard.type(
                "for d in vda vdb sda vdc; do echo SIZE $d $(cat /sys/block/$d/size); done"
            )
            keyboard.wait_for("SIZE vdc ")
            keyboard.type("mkdir /a /b; mount /dev/vdb /a && mount /dev/sda /b && swapon /dev/vdc")
            keyboard.type(
                "for d in / /a /b; do echo written > $d/mark; done; sync; mount; swapon -s"
            )
            keyboard.type("cat /proc/swaps /proc/mounts; echo all''-said")
            keyboard.wait_for("all-said")
        said = console(driver, instance)
        sizes = dict(re.findall(r"SIZE (\w+) (\d+)", said))
        assert {name: int(blocks) * 512 for name, blocks in sizes.items()} == {
            "vda": 3 * GIB, "vdb": GIB, "sda": GIB, "vdc": 32 * MIB
        }  # fmt: skip
        assert re.search(r"/dev/vdb /a vfat", said) and re.search(r"/dev/sda /b ext3", said)
        assert re.search(r"/dev/vdc\s+partition\s+32\d\d\d", said)

        assert driver.power.reboot(instance, True) is PowerState.RUNNING
        wait_ready(driver, instance, 2)
        wait_login(driver, instance)
        with serial(libvirtd, driver, instance) as keyboard:
            keyboard.log_in()
            keyboard.type("mkdir -p /a /b; mount /dev/vdb /a; mount /dev/sda /b")
            keyboard.type("for d in / /a /b; do echo MARK $d $(cat $d/mark); done")
            keyboard.wait_for("MARK /b written")
        said = console(driver, instance)
        assert all(f"MARK {place} written" in said for place in ("/", "/a", "/b"))
    finally:
        driver.destroy(instance)
    assert not folder.exists()


def _formats(folder: Path) -> dict[str, tuple[str, int]]:
    """File -> what the definition's maker says it is, and its size to the guest."""
    record = json.loads((folder / "disk.info").read_text())
    return {disk["file"]: (disk["format"], disk["size"]) for disk in record["disks"]}


def test_a_raw_disk_that_looks_like_another_format_is_still_raw(
    libvirtd: Libvirtd, make_driver: MakeDriver, root: RootImage, instances: Path
) -> None:
    """A guest that writes the head of a qcow2, with a file of the host behind it, on its own disk
    gets what it wrote, and not that file."""
    driver = make_driver(**DISKS["raw"])
    instance = small()
    disk = instances / instance.uuid / "disk"
    evil = instances / "evil.qcow2"
    try:
        driver.spawn(SpawnSpec(instance=instance, root=root))
        driver.power.stop(instance, 0)
        command = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", "/etc/passwd", "-F", "raw"]
        subprocess.run([*command, evil], check=True)
        with open(disk, "r+b") as file:  # as the guest would, from inside
            file.write(evil.read_bytes())
        for hard in (False, True):
            if hard:
                driver.power.reboot(instance, True)
            else:
                driver.power.start(instance)
            shown = libvirtd.virsh("domblkinfo", instance.guest_name, "vda")
            assert re.search(rf"Capacity:\s+{GIB}\b", shown), shown
    finally:
        driver.destroy(instance)


# --- no room ------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 48 MiB: the image fits, a copy of it does not."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        pytest.skip("needs the right to mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def files_in(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "locks" not in path.parts
    )


def cache_of(folder: Path, data: bytes, disk_format: str, **options: Any) -> tuple[ImageCache, str]:
    images = FakeImages()
    image = Image(
        id=ids.new_uuid(),
        owner="p1",
        visibility="public",
        disk_format=disk_format,
        container_format="bare",
    )
    images.put(image, data)
    cache = ImageCache(make_conf(instances_path=str(folder), **options), images)
    cache.prepare()
    return cache, image.id


def test_no_room_to_unpack_an_image(small_disk: Path, guest_qcow2: Path) -> None:
    """The download fits, and what it is converted to does not."""
    cache, image = cache_of(small_disk, guest_qcow2.read_bytes(), "qcow2", force_raw_images=True)
    with pytest.raises(Unavailable, match=r"Storage of this host .* No space left"):
        cache.fetch(CONTEXT, image)
    assert files_in(small_disk) == []


def test_no_room_for_a_copy_of_the_image(
    make_driver: MakeDriver, small_disk: Path, guest_qcow2: Path
) -> None:
    driver = make_driver(instances_path=str(small_disk), **DISKS["raw"])
    cache, image = cache_of(small_disk, guest_qcow2.read_bytes(), "qcow2", force_raw_images=False)
    root = cache.fetch(CONTEXT, image)
    before = files_in(small_disk)
    _refused(driver, root, small())
    assert files_in(small_disk) == before
    # what fits is made afterwards
    assert cache.fetch(CONTEXT, image) == root


def test_no_room_for_the_blocks_of_a_disk(
    make_driver: MakeDriver, small_disk: Path, root: RootImage
) -> None:
    """Where disks get all their blocks at once."""
    driver = make_driver(instances_path=str(small_disk), preallocate_images="space")
    before = files_in(small_disk)
    _refused(driver, root, small())
    assert files_in(small_disk) == before


def _refused(driver: LibvirtDriver, root: RootImage, instance: Instance) -> None:
    with pytest.raises(FaultedBuild) as refused:
        driver.spawn(SpawnSpec(instance=instance, root=root))
    assert re.search("no space left", str(refused.value), re.IGNORECASE)
    assert "/small" not in str(refused.value), "paths of the host are no business of users"
    assert [seen for seen in driver.list_guests() if seen.uuid == instance.uuid] == []


# --- many at once -------------------------------------------------------------------------


def test_guests_that_are_first_to_need_an_image_at_once_share_one_download(
    driver: LibvirtDriver, instances: Path, guest_qcow2: Path
) -> None:
    images = FakeImages()
    image = Image(
        id=ids.new_uuid(), visibility="public", disk_format="qcow2", container_format="bare"
    )
    images.put(image, guest_qcow2.read_bytes())
    cache = ImageCache(make_conf(instances_path=str(instances)), images)
    cache.prepare()
    made = [small(image_ref=image.id) for _ in range(4)]

    def build(instance: Instance) -> PowerState:
        root = cache.fetch(CONTEXT, image.id, max_virtual_size=GIB)
        return driver.spawn(SpawnSpec(instance=instance, root=root))

    try:
        with ThreadPoolExecutor(len(made)) as pool:
            assert list(pool.map(build, made)) == [PowerState.RUNNING] * len(made)
        assert images.downloads == {image.id: 1}
        ports = {driver.ssh.address(instance).port for instance in made} if driver.ssh else set()
        assert len(ports) == len(made)
    finally:
        for instance in made:
            driver.destroy(instance)
