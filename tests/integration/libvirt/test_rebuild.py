# SPDX-License-Identifier: Apache-2.0
"""Guests that are made anew: what was on their root disk is gone, they say themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.domain.errors import BuildAborted, FaultedBuild, ImageUnacceptable
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RebuildSpec, RescueSpec, RootImage, SpawnSpec
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.servers import make_flavor
from tests.integration.libvirt.guests import (
    Inside,
    MakeDriver,
    console,
    disk_files_of,
    small,
    wait_ready,
)

ALL = ["disk", "disk.eph0", "disk.info", "disk.swap"]


@pytest.fixture
def instance(driver: LibvirtDriver) -> Iterator[Instance]:
    made = small(flavor=make_flavor(memory_mb=128, ephemeral_gb=1, swap_mb=16))
    yield made
    driver.destroy(made)


def test_the_root_disk_is_new_and_the_ephemeral_one_as_asked(
    libvirtd: Libvirtd,
    driver: LibvirtDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
) -> None:
    assert driver.rebuild is not None and driver.rescue is not None
    inside = Inside(libvirtd, driver, instance)
    driver.spawn(SpawnSpec(instance=instance, root=root))
    inside.ask(
        "echo mine > /root/mine",
        "mount /dev/vdb /mnt && echo yours > /mnt/yours && umount /mnt",
    )
    driver.power.stop(instance, 120)
    before = libvirtd.virsh("domuuid", instance.guest_name)

    spec = RebuildSpec(instance=instance, root=root, token="first", keep_ephemeral=True)
    assert driver.rebuild.rebuild(spec) is PowerState.RUNNING
    assert libvirtd.virsh("domuuid", instance.guest_name) == before
    wait_ready(driver, instance)
    assert "boot number 1," in console(driver, instance)
    look = ("ls /root/mine", "mount /dev/vdb /mnt; cat /mnt/yours", "umount /mnt")
    said = inside.ask(*look)
    assert "/root/mine: No such file" in said
    assert "\nyours" in said

    # once more by a conductor that does not know that it is done: nothing happens
    assert driver.rebuild.is_done(instance, "first")
    assert driver.rebuild.rebuild(spec) is PowerState.RUNNING
    assert "boot number 2," not in console(driver, instance)

    # of one that is rescued, with nothing kept
    driver.rescue.rescue(RescueSpec(instance=instance, image=root))
    spec = RebuildSpec(instance=instance, root=root, token="second")
    assert driver.rebuild.rebuild(spec) is PowerState.RUNNING
    assert disk_files_of(instances, instance) == ALL
    wait_ready(driver, instance)
    assert "/mnt/yours': No such file" in inside.ask(*look)


def test_what_cannot_be_leaves_the_guest_alone(
    driver: LibvirtDriver, instance: Instance, root: RootImage, instances: Path
) -> None:
    assert driver.rebuild is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    large = RootImage(path=root.path, format="qcow2", virtual_size=2 << 30)
    with pytest.raises(ImageUnacceptable, match="larger"):
        driver.rebuild.rebuild(RebuildSpec(instance=instance, root=large, token="x"))
    wish = make_flavor(memory_mb=128, extra_specs={"hw:cpu_policy": "dedicated"})
    strange = small(uuid=instance.uuid, flavor=wish)
    with pytest.raises(BuildAborted, match="hw:cpu_policy"):
        driver.rebuild.rebuild(RebuildSpec(instance=strange, root=root, token="x"))
    assert driver.power_state(instance) is PowerState.RUNNING
    assert disk_files_of(instances, instance) == ALL


@pytest.mark.parametrize("keep", [False, True])
def test_disks_that_cannot_be_made(
    make_driver: MakeDriver,
    instance: Instance,
    root: RootImage,
    instances: Path,
    tmp_path: Path,
    keep: bool,
) -> None:
    """No guest is left; what was to be kept is there for the next try, which succeeds."""
    driver = make_driver()
    assert driver.rebuild is not None
    driver.spawn(SpawnSpec(instance=instance, root=root))
    absent = RootImage(path=tmp_path / "absent", format="qcow2", virtual_size=1 << 20)
    with pytest.raises(FaultedBuild, match="disks cannot be made") as caught:
        spec = RebuildSpec(instance=instance, root=absent, token="x", keep_ephemeral=keep)
        driver.rebuild.rebuild(spec)
    assert str(tmp_path) not in str(caught.value)
    assert [one.power_state for one in driver.list_guests()] == ([0] if keep else [])
    if keep:
        assert disk_files_of(instances, instance) == ["disk.eph0", "disk.info"]
    spec = RebuildSpec(instance=instance, root=root, token="x", keep_ephemeral=keep)
    assert driver.rebuild.rebuild(spec) is PowerState.RUNNING
    assert disk_files_of(instances, instance) == ALL
