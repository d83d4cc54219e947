# SPDX-License-Identifier: Apache-2.0
"""The drivers that need no hypervisor."""

from pathlib import Path

import pytest

from nova_lite.backends.network.user import interface_of
from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleType
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import RebuildSpec, RescueSpec, RootImage, SpawnSpec
from nova_lite.virt.fake.driver import FakeDriver
from tests.fixtures.servers import make_flavor, make_instance
from tests.fixtures.settings import make_conf
from tests.functional.ports.driver_contract import DriverContract


def started(folder: Path | None, host: str = "h1") -> FakeDriver:
    driver = FakeDriver(make_conf(fake__state_path=str(folder) if folder else None))
    driver.start(host)
    return driver


def rescue_spec(instance: Instance) -> RescueSpec:
    image = RootImage(path=Path("image"), format="raw", virtual_size=1)
    return RescueSpec(instance=instance, image=image)


def rebuild_spec(instance: Instance) -> RebuildSpec:
    return RebuildSpec(instance=instance, root=rescue_spec(instance).image, token="once")


def spawn(driver: FakeDriver, instance: Instance) -> PowerState:
    return driver.spawn(SpawnSpec(instance=instance, root=None))


SCREEN = ConsoleType.NOVNC


class TestFakeDriver(DriverContract):
    @pytest.fixture(params=["memory", "files"])
    def driver(self, request: pytest.FixtureRequest, tmp_path: Path) -> FakeDriver:
        return started(tmp_path if request.param == "files" else None)


def test_guests_outlive_the_process(tmp_path: Path) -> None:
    before = started(tmp_path)
    kept, paused = make_instance(), make_instance()
    for one in (kept, paused):
        spawn(before, one)
    assert before.pause is not None
    before.pause.pause(paused)
    after = started(tmp_path)
    assert after.power_state(kept) is PowerState.RUNNING
    assert after.power_state(paused) is PowerState.PAUSED
    after.destroy(kept)
    assert [one.uuid for one in started(tmp_path).list_guests()] == [paused.uuid]


def test_hosts_of_one_process_have_guests_of_their_own(tmp_path: Path) -> None:
    one, two = started(tmp_path, "h1"), started(tmp_path, "h2")
    instance = make_instance()
    spawn(one, instance)
    assert one.list_guests() and two.list_guests() == []
    assert one.report("h1").node_uuid != two.report("h2").node_uuid


def test_inventory_is_what_the_options_say() -> None:
    driver = FakeDriver(make_conf(fake__vcpus=3, fake__memory_mb=1000, fake__disk_gb=7))
    driver.start("h1")
    inventory = driver.report("h1").inventory
    assert {name: one.total for name, one in inventory.items()} == {
        "VCPU": 3,
        "MEMORY_MB": 1000,
        "DISK_GB": 7,
    }


def test_what_guests_take_is_reported() -> None:
    driver = started(None)
    flavor = make_flavor(memory_mb=256, root_gb=5, ephemeral_gb=2, swap_mb=100)
    root = RootImage(path=Path("/base"), format="raw", virtual_size=1)
    driver.spawn(SpawnSpec(instance=make_instance(flavor=flavor), root=root))
    driver.spawn(SpawnSpec(instance=make_instance(flavor=flavor), root=None))
    report = driver.report("h1")
    assert (report.memory_mb_used, report.running_vms, report.local_gb_used) == (512, 2, 11)
    assert driver.image_in_use(Path("/base"))
    assert not driver.image_in_use(Path("/other"))


def test_a_failed_spawn_leaves_nothing(tmp_path: Path) -> None:
    driver = started(tmp_path)
    instance = make_instance()
    driver.faults.fail("spawn")
    with pytest.raises(errors.FaultedBuild):
        spawn(driver, instance)
    driver.faults.abort("spawn")
    with pytest.raises(errors.BuildAborted):
        spawn(driver, instance)
    assert driver.list_guests() == started(tmp_path).list_guests() == []
    assert spawn(driver, instance) is PowerState.RUNNING


def test_a_process_that_dies_while_spawning_leaves_disks(tmp_path: Path) -> None:
    class Died(Exception):
        pass

    def die() -> None:
        raise Died

    conf = make_conf(fake__state_path=str(tmp_path))
    driver = FakeDriver(conf)
    driver.faults._crash = die
    driver.start("h1")
    driver.faults.crash("spawn")
    instance = make_instance()
    with pytest.raises(Died):
        spawn(driver, instance)
    (left,) = started(tmp_path).list_guests()
    assert (left.uuid, left.power_state) == (instance.uuid, PowerState.NOSTATE)
    assert spawn(started(tmp_path), instance) is PowerState.RUNNING


@pytest.mark.parametrize(
    "call",
    [
        "start",
        "stop",
        "reboot_hard",
        "pause",
        "suspend",
        "rescue",
        "unrescue",
        "snapshot",
        "ssh",
        "open_console",
        "device_addresses",
        "destroy",
    ],
)
def test_every_operation_can_fail(call: str) -> None:
    driver = started(None)
    instance = make_instance(vifs=[interface_of("any")])
    spawn(driver, instance)
    driver.faults.fail(call)
    assert driver.pause is not None and driver.suspend is not None
    operations = {
        "start": lambda: driver.power.start(instance),
        "stop": lambda: driver.power.stop(instance, 0),
        "reboot_hard": lambda: driver.power.reboot(instance, True),
        "pause": lambda: driver.pause and driver.pause.pause(instance),
        "suspend": lambda: driver.suspend and driver.suspend.suspend(instance),
        "rescue": lambda: driver.rescue and driver.rescue.rescue(rescue_spec(instance)),
        "unrescue": lambda: driver.rescue and driver.rescue.unrescue(instance, True),
        "snapshot": lambda: driver.snapshots and driver.snapshots.take(instance, "x", lambda: True),
        "ssh": lambda: driver.ssh and driver.ssh.address(instance),
        "rebuild": lambda: driver.rebuild and driver.rebuild.rebuild(rebuild_spec(instance)),
        "open_console": lambda: driver.consoles and driver.consoles.address(instance, SCREEN),
        "device_addresses": lambda: driver.device_addresses(instance),
        "destroy": lambda: driver.destroy(instance),
    }
    with pytest.raises(errors.GuestOperationFailed, match=call):
        operations[call]()
    operations[call]()


def test_a_soft_reboot_needs_a_guest_that_runs() -> None:
    driver = started(None)
    instance = make_instance()
    spawn(driver, instance)
    driver.power.stop(instance, 0)
    with pytest.raises(errors.GuestOperationFailed):
        driver.power.reboot(instance, False)


def test_the_console_is_the_same_for_the_same_guest() -> None:
    driver = started(None)
    instance = make_instance(hostname="web1")
    spawn(driver, instance)
    assert driver.console_log is not None
    text = driver.console_log.console_output(instance, None)
    assert text.endswith("web1 login: ")
    driver.power.reboot(instance, True)
    again = driver.console_log.console_output(instance, None)
    assert again == f"{text}\n{text}"
    assert driver.console_log.console_output(instance, 1) == "web1 login: "
    assert driver.console_log.console_output(instance, 0) == ""


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "guests").write_text("a file")
    with pytest.raises(errors.ConfigurationError, match="state_path"):
        started(tmp_path)


def test_suspended_guests_wake_up_where_they_were() -> None:
    driver = started(None)
    instance = make_instance(hostname="db1")
    spawn(driver, instance)
    assert driver.suspend is not None and driver.console_log is not None
    before = driver.console_log.console_output(instance, None)
    driver.suspend.suspend(instance)
    driver.suspend.resume(instance)
    assert driver.console_log.console_output(instance, None) == before


def test_what_happens_to_a_guest_by_itself_is_told() -> None:
    driver = started(None)
    instance = make_instance()
    spawn(driver, instance)
    heard = []
    assert driver.events is not None
    driver.events.listen(heard.append)
    driver.guest_becomes(instance.uuid, PowerState.CRASHED)
    assert [(one.uuid, one.power_state) for one in heard] == [(instance.uuid, PowerState.CRASHED)]
