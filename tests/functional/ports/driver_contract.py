# SPDX-License-Identifier: Apache-2.0
"""What every driver must do. A driver's test is a subclass with a `driver` fixture:

    class TestSomeDriver(DriverContract):
        @pytest.fixture
        def driver(self): ...            # started, and cleaned up afterwards

and, where its guests need more than their flavor, a `prepared` fixture.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleType
from nova_lite.domain.devices import BlockDevice, DeviceAddress, Vif
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import (
    GROUPS,
    ConsoleLog,
    Consoles,
    CrashDump,
    Diagnostics,
    Driver,
    Events,
    GuestEvent,
    Interfaces,
    Password,
    Pause,
    Power,
    Rebuild,
    RebuildSpec,
    Rescue,
    RescueSpec,
    RootImage,
    Snapshots,
    SpawnSpec,
    Ssh,
    Suspend,
)
from tests.fixtures.servers import make_instance
from tests.fixtures.wait import wait_for

KINDS = {
    "power": Power,
    "pause": Pause,
    "suspend": Suspend,
    "console_log": ConsoleLog,
    "consoles": Consoles,
    "interfaces": Interfaces,
    "password": Password,
    "crash_dump": CrashDump,
    "diagnostics": Diagnostics,
    "snapshots": Snapshots,
    "rescue": Rescue,
    "rebuild": Rebuild,
    "ssh": Ssh,
    "events": Events,
}
PATIENCE = 60.0  # seconds for a guest to do something
OFF = (PowerState.SHUTDOWN, PowerState.CRASHED)
RUN = (PowerState.RUNNING,)

Spawn = Callable[[Instance], PowerState]


class DriverContract:
    """The tests; see the head of this module."""

    @pytest.fixture
    def driver(self) -> Driver:
        raise NotImplementedError("the subclass has a started driver")

    @pytest.fixture
    def root(self) -> RootImage | None:
        """The image that guests are made from."""
        return None

    @pytest.fixture
    def instance(self, driver: Driver) -> Iterator[Instance]:
        """A server that is not there yet, and is not there afterwards."""
        made = self.prepared(make_instance())
        yield made
        driver.destroy(made)

    def prepared(self, instance: Instance) -> Instance:
        """The instance with what this driver's guests need besides."""
        vif = Vif(port_id=str(uuid4()), network_id=str(uuid4()), mac="fa:16:3e:0a:0b:0c")
        return replace(instance, vifs=[vif])

    @pytest.fixture
    def spawn(self, driver: Driver, root: RootImage | None) -> Spawn:
        return lambda instance: driver.spawn(SpawnSpec(instance=instance, root=root))

    @pytest.fixture
    def guest(self, spawn: Spawn, instance: Instance) -> Instance:
        """A server whose guest runs."""
        spawn(instance)
        return instance

    def state(self, driver: Driver, instance: Instance, *wanted: PowerState) -> PowerState:
        """The power state, once it is one of these."""
        return wait_for(
            lambda: found if (found := driver.power_state(instance)) in wanted else None,
            PATIENCE,
            f"the guest to be {' or '.join(state.name for state in wanted)}",
        )

    def seen(self, driver: Driver, instance: Instance) -> list[PowerState]:
        return [
            PowerState(one.power_state) for one in driver.list_guests() if one.uuid == instance.uuid
        ]

    # --- what it says of itself and of its host -------------------------------------------

    def test_groups_are_what_they_are_called(self, driver: Driver) -> None:
        for name in GROUPS:
            group = getattr(driver, name)
            assert group is None or isinstance(group, KINDS[name]), name
        assert driver.power is not None

    def test_a_report_has_what_placement_needs(self, driver: Driver) -> None:
        (node,) = driver.nodes()
        report = driver.report(node)
        assert report.hypervisor_hostname == node
        assert report.hypervisor_type and report.hypervisor_version > 0
        assert {"VCPU", "MEMORY_MB", "DISK_GB"} <= set(report.inventory)
        for inventory in report.inventory.values():
            assert inventory.total >= 0 and inventory.max_unit >= 1
        assert all(len(row) == 3 for row in report.supported) and report.supported
        assert report.capabilities == {name: getattr(driver, name) is not None for name in GROUPS}
        assert driver.report(node).node_uuid == report.node_uuid

    # --- spawn and destroy ----------------------------------------------------------------

    def test_a_guest_runs_and_is_known(
        self, driver: Driver, spawn: Spawn, instance: Instance
    ) -> None:
        assert spawn(instance) is PowerState.RUNNING
        assert driver.power_state(instance) is PowerState.RUNNING
        assert self.seen(driver, instance) == [PowerState.RUNNING]

    def test_spawning_again_finds_the_guest(
        self, driver: Driver, spawn: Spawn, guest: Instance
    ) -> None:
        assert spawn(guest) is PowerState.RUNNING
        assert len(self.seen(driver, guest)) == 1

    def test_a_running_guest_is_counted(self, driver: Driver, guest: Instance) -> None:
        (node,) = driver.nodes()
        assert driver.report(node).running_vms >= 1

    def test_destroying_leaves_nothing_and_can_be_repeated(
        self, driver: Driver, guest: Instance
    ) -> None:
        for _ in range(2):
            driver.destroy(guest)
        assert self.seen(driver, guest) == []
        with pytest.raises(errors.GuestNotFound):
            driver.power_state(guest)

    def test_destroying_what_never_was_is_success(self, driver: Driver) -> None:
        driver.destroy(make_instance())

    def test_disks_can_be_kept(self, driver: Driver, guest: Instance) -> None:
        driver.destroy(guest, keep_disks=True)
        with pytest.raises(errors.GuestNotFound):
            driver.power_state(guest)
        (left,) = [one for one in driver.list_guests() if one.uuid == guest.uuid]
        assert left.disks and left.power_state == PowerState.NOSTATE
        driver.destroy(guest)
        assert self.seen(driver, guest) == []

    def test_what_is_not_there_is_not_found(self, driver: Driver) -> None:
        absent = self.prepared(make_instance())
        with pytest.raises(errors.GuestNotFound):
            driver.power_state(absent)
        with pytest.raises(errors.GuestNotFound):
            driver.power.start(absent)
        with pytest.raises(errors.GuestNotFound):
            driver.power.stop(absent, 0)
        with pytest.raises(errors.GuestNotFound):
            driver.power.reboot(absent, True)

    # --- power ----------------------------------------------------------------------------

    def test_off_and_on_again(self, driver: Driver, guest: Instance) -> None:
        for _ in range(2):
            assert driver.power.stop(guest, 0) in OFF
        self.state(driver, guest, *OFF)
        for _ in range(2):
            assert driver.power.start(guest) is PowerState.RUNNING
        self.state(driver, guest, PowerState.RUNNING)

    def test_a_guest_that_is_asked_goes_off_in_the_end(
        self, driver: Driver, guest: Instance
    ) -> None:
        assert driver.power.stop(guest, 2) in OFF

    @pytest.mark.parametrize("off", [False, True])
    def test_a_hard_reboot_works_from_any_state(
        self, driver: Driver, guest: Instance, off: bool
    ) -> None:
        if off:
            driver.power.stop(guest, 0)
        assert driver.power.reboot(guest, True) is PowerState.RUNNING
        self.state(driver, guest, PowerState.RUNNING)

    def test_pausing(self, driver: Driver, guest: Instance) -> None:
        if driver.pause is None:
            pytest.skip("this driver cannot pause")
        for _ in range(2):
            assert driver.pause.pause(guest) is PowerState.PAUSED
        self.state(driver, guest, PowerState.PAUSED)
        for _ in range(2):
            assert driver.pause.unpause(guest) is PowerState.RUNNING
        self.state(driver, guest, PowerState.RUNNING)

    def test_suspending(self, driver: Driver, guest: Instance) -> None:
        if driver.suspend is None:
            pytest.skip("this driver cannot suspend")
        asleep = (PowerState.SHUTDOWN, PowerState.SUSPENDED)
        for _ in range(2):
            assert driver.suspend.suspend(guest) in asleep
        self.state(driver, guest, *asleep)
        for _ in range(2):
            assert driver.suspend.resume(guest) is PowerState.RUNNING
        self.state(driver, guest, PowerState.RUNNING)

    # --- console and events ---------------------------------------------------------------

    def test_the_console_has_text_and_can_be_cut(self, driver: Driver, guest: Instance) -> None:
        log = driver.console_log
        if log is None:
            pytest.skip("this driver keeps no console")
        text = wait_for(lambda: log.console_output(guest, None), PATIENCE, "console output")
        lines = text.splitlines()
        assert len(log.console_output(guest, 1).splitlines()) <= 1
        assert len(log.console_output(guest, 10_000).splitlines()) >= len(lines)

    def test_a_console_is_somewhere_while_the_guest_runs(
        self, driver: Driver, guest: Instance
    ) -> None:
        if driver.consoles is None:
            pytest.skip("this driver has no such group")
        found = driver.consoles.address(guest, ConsoleType.NOVNC)
        assert found.host and found.port is not None and 0 < found.port < 1 << 16
        driver.power.stop(guest, 0)
        with pytest.raises(errors.InstanceNotReady):
            driver.consoles.address(guest, ConsoleType.NOVNC)
        driver.destroy(guest)
        with pytest.raises(errors.GuestNotFound):
            driver.consoles.address(guest, ConsoleType.NOVNC)

    def test_interfaces_come_and_go(self, driver: Driver, guest: Instance) -> None:
        if driver.interfaces is None:
            pytest.skip("this driver has no such group")
        vif = replace(guest.vifs[0], port_id=str(uuid4()), mac="fa:16:3e:01:02:03")
        for _ in range(2):
            driver.interfaces.attach(guest, vif)
        for _ in range(2):
            driver.interfaces.detach(guest, vif)
        assert driver.power_state(guest) is PowerState.RUNNING

    def test_devices_are_where_the_config_drive_says(
        self, driver: Driver, root: RootImage | None, instance: Instance
    ) -> None:
        """While it runs, after a hard reboot, and while it is off."""
        swap = BlockDevice(
            uuid=str(uuid4()),
            instance_uuid=instance.uuid,
            source_type="blank",
            destination_type="local",
            guest_format="swap",
        )
        flavor = replace(instance.flavor, swap_mb=16)
        guest = replace(instance, flavor=flavor, block_devices=[swap], config_drive=True)
        with pytest.raises(errors.GuestNotFound):
            driver.device_addresses(guest)
        told: list[list[DeviceAddress]] = []

        def content(found: list[DeviceAddress]) -> dict[str, bytes]:
            told.append(found)
            return {"openstack/latest/meta_data.json": b"{}"}

        driver.spawn(SpawnSpec(instance=guest, root=root, config_drive=content))
        found = driver.device_addresses(guest)
        assert told == [found]
        nic, disk = sorted(found, key=lambda one: one.block_device)
        assert nic.mac == guest.vifs[0].mac
        assert (disk.block_device, disk.path[:5]) == (swap.uuid, "/dev/")
        assert nic.bus == disk.bus == "pci" and nic.address != disk.address
        assert all(re.fullmatch(r"[\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.\d", e.address) for e in found)

        driver.power.reboot(guest, True)
        assert driver.device_addresses(guest) == found
        if driver.interfaces is not None:
            vif = replace(guest.vifs[0], port_id=str(uuid4()), mac="fa:16:3e:01:02:03")
            driver.interfaces.attach(guest, vif)
            more = driver.device_addresses(replace(guest, vifs=[*guest.vifs, vif]))
            (new,) = [one for one in more if one not in found]
            assert len(more) == 3 and (new.mac, new.bus) == (vif.mac, "pci")
            assert new.address not in (nic.address, disk.address)
        driver.power.stop(guest, 0)
        assert [one for one in driver.device_addresses(guest) if one in found] == found

    # --- rescue ---------------------------------------------------------------------------

    def rescue(self, driver: Driver, instance: Instance, root: RootImage | None) -> PowerState:
        if driver.rescue is None:
            pytest.skip("this driver has no such group")
        image = root or RootImage(path=Path(instance.image_ref or ""), format="raw", virtual_size=1)
        return driver.rescue.rescue(RescueSpec(instance=instance, image=image))

    @pytest.mark.parametrize("off", [False, True])
    def test_a_guest_is_rescued_and_unrescued(
        self, driver: Driver, root: RootImage | None, guest: Instance, off: bool
    ) -> None:
        if off:
            driver.power.stop(guest, 0)
        for _ in range(2):
            assert self.rescue(driver, guest, root) is PowerState.RUNNING
        assert len(self.seen(driver, guest)) == 1
        assert driver.rescue is not None
        for _ in range(2):
            assert driver.rescue.unrescue(guest, not off) in (OFF if off else RUN)
        self.state(driver, guest, *(OFF if off else RUN))

    def test_what_is_not_rescued_is_left_alone(self, driver: Driver, guest: Instance) -> None:
        if driver.rescue is None:
            pytest.skip("this driver has no such group")
        assert driver.rescue.unrescue(guest, True) is PowerState.RUNNING
        absent = self.prepared(make_instance())
        with pytest.raises(errors.GuestNotFound):
            driver.rescue.unrescue(absent, True)

    def test_a_rescued_guest_is_destroyed_with_all_it_has(
        self, driver: Driver, root: RootImage | None, guest: Instance
    ) -> None:
        self.rescue(driver, guest, root)
        driver.destroy(guest)
        assert self.seen(driver, guest) == []

    # --- rebuild --------------------------------------------------------------------------

    def rebuild(
        self, driver: Driver, instance: Instance, root: RootImage | None, **more: Any
    ) -> PowerState:
        if driver.rebuild is None:
            pytest.skip("this driver has no such group")
        image = root or RootImage(path=Path("another"), format="raw", virtual_size=1)
        spec = RebuildSpec(instance=instance, root=image, **{"token": "once", **more})
        return driver.rebuild.rebuild(spec)

    @pytest.mark.parametrize("keep", [False, True])
    def test_a_guest_is_rebuilt_once_for_each_token(
        self, driver: Driver, root: RootImage | None, guest: Instance, keep: bool
    ) -> None:
        for _ in range(2):
            assert self.rebuild(driver, guest, root, keep_ephemeral=keep) is PowerState.RUNNING
        assert len(self.seen(driver, guest)) == 1
        assert driver.rebuild is not None
        assert driver.rebuild.is_done(guest, "once")
        assert not driver.rebuild.is_done(guest, "twice")
        assert self.rebuild(driver, guest, root, token="twice") is PowerState.RUNNING

    def test_a_guest_that_was_off_stays_off(
        self, driver: Driver, root: RootImage | None, guest: Instance
    ) -> None:
        driver.power.stop(guest, 0)
        assert self.rebuild(driver, guest, root, start=False) in OFF
        assert driver.power.start(guest) is PowerState.RUNNING

    def test_what_is_not_there_is_made(
        self, driver: Driver, root: RootImage | None, instance: Instance
    ) -> None:
        assert self.rebuild(driver, instance, root) is PowerState.RUNNING
        assert self.seen(driver, instance) == [PowerState.RUNNING]

    def test_nothing_of_a_rescue_is_left_by_a_rebuild(
        self, driver: Driver, root: RootImage | None, guest: Instance
    ) -> None:
        self.rescue(driver, guest, root)
        self.rebuild(driver, guest, root)
        assert driver.rescue is not None
        assert driver.rescue.unrescue(guest, True) is PowerState.RUNNING

    def test_diagnostics_of_a_guest_that_runs_and_of_one_that_does_not(
        self, driver: Driver, guest: Instance
    ) -> None:
        if driver.diagnostics is None:
            pytest.skip("this driver has no such group")
        found = driver.diagnostics.read(guest)
        assert found.state == "running"
        assert len(found.cpus) == guest.flavor.vcpus
        assert [nic.mac_address for nic in found.nics] == [vif.mac for vif in guest.vifs]
        assert found.disks and found.disks[0].read_bytes is not None
        driver.power.stop(guest, 0)
        assert driver.diagnostics.read(guest).state == "shutdown"

    def test_the_way_to_a_guests_ssh_server_stays(self, driver: Driver, guest: Instance) -> None:
        if driver.ssh is None:
            pytest.skip("this driver has no such group")
        if not any(vif.vif_type == "user" for vif in guest.vifs):
            with pytest.raises(errors.SshNotForwarded):
                driver.ssh.address(guest)
            return
        told = driver.ssh.address(guest)
        assert told.port and driver.ssh.address(guest) == told
        driver.power.stop(guest, 0)
        with pytest.raises(errors.InstanceNotReady):
            driver.ssh.address(guest)
        driver.power.start(guest)
        assert driver.ssh.address(guest) == told

    @pytest.mark.parametrize("before", ["running", "paused", "off"])
    def test_a_copy_of_the_disk_is_a_file_of_its_own(
        self, driver: Driver, guest: Instance, before: str
    ) -> None:
        if driver.snapshots is None:
            pytest.skip("this driver has no such group")
        if before == "off":
            driver.power.stop(guest, 0)
        elif before == "paused" and driver.pause is not None:
            driver.pause.pause(guest)
        state = driver.power_state(guest)
        name = str(uuid4())
        taken = driver.snapshots.take(guest, name, lambda: True)
        assert taken.format in ("raw", "qcow2") and taken.virtual_size > 0
        assert taken.path.is_file() and taken.path.stat().st_size > 0
        assert driver.power_state(guest) is state
        mark = taken.path.stat().st_mtime_ns
        assert driver.snapshots.take(guest, name, lambda: True) == taken
        assert taken.path.stat().st_mtime_ns == mark, "it was made again"
        for _ in range(2):
            driver.snapshots.drop(guest, name)
        assert not taken.path.exists()

    @pytest.mark.parametrize("off", [False, True])
    def test_a_copy_that_nobody_wants_leaves_nothing(
        self, driver: Driver, guest: Instance, off: bool
    ) -> None:
        if driver.snapshots is None:
            pytest.skip("this driver has no such group")
        if off:
            driver.power.stop(guest, 0)
        state, name = driver.power_state(guest), str(uuid4())
        taken = driver.snapshots.take(guest, name, lambda: True)
        folder = taken.path.parent
        driver.snapshots.drop(guest, name)
        before = sorted(folder.iterdir())
        with pytest.raises(errors.GuestOperationFailed):
            driver.snapshots.take(guest, name, lambda: False)
        assert sorted(folder.iterdir()) == before
        assert driver.power_state(guest) is state
        driver.snapshots.take(guest, name, lambda: True)
        driver.snapshots.drop(guest, name)

    def test_there_is_no_copy_of_what_is_not_there(self, driver: Driver) -> None:
        if driver.snapshots is None:
            pytest.skip("this driver has no such group")
        absent = make_instance()
        with pytest.raises(errors.GuestNotFound):
            driver.snapshots.take(absent, str(uuid4()), lambda: True)
        driver.snapshots.drop(absent, str(uuid4()))

    def test_events_tell_of_changes(self, driver: Driver, guest: Instance) -> None:
        if driver.events is None:
            pytest.skip("this driver has no events")
        heard: list[GuestEvent] = []
        driver.events.listen(heard.append)
        driver.power.stop(guest, 0)
        wait_for(
            lambda: any(e.uuid == guest.uuid and e.power_state in OFF for e in heard),
            PATIENCE,
            "an event about the guest that stopped",
        )
