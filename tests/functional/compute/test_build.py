# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from nova_lite.base import concurrency
from nova_lite.domain import errors
from nova_lite.domain.image import Image
from nova_lite.domain.states import PowerState
from nova_lite.virt.driver import SpawnSpec
from tests.fixtures.servers import make_flavor
from tests.fixtures.wait import wait_for
from tests.functional.compute.lab import Lab


def test_a_build(lab: Lab) -> None:
    instance = lab.server()
    built = lab.call("build", instance)
    assert built.power_state is PowerState.RUNNING
    assert built.root_device_name == "/dev/vda"
    assert lab.guests() == {instance.uuid: PowerState.RUNNING}


def test_building_again_finds_the_guest(lab: Lab) -> None:
    instance = lab.server()
    lab.call("build", instance)
    lab.driver.faults.fail("spawn")
    assert lab.call("build", instance).power_state is PowerState.RUNNING
    assert len(lab.guests()) == 1


def test_two_builds_at_once_are_one(lab: Lab) -> None:
    """The second waits for the first, and gets what it got."""
    instance = lab.server()
    lab.driver.faults.hang("spawn", 0.3)
    lab.driver.faults.fail("spawn", after=1)
    tasks = [concurrency.spawn(lab.call, "build", instance) for _ in range(3)]
    assert {task.wait(10).power_state for task in tasks} == {PowerState.RUNNING}
    assert len(lab.guests()) == 1


def test_a_guest_that_was_made_and_not_started_is_started(lab: Lab) -> None:
    instance = lab.server()
    lab.call("build", instance)
    lab.driver.guest_becomes(instance.uuid, PowerState.SHUTDOWN)
    assert lab.call("build", instance).power_state is PowerState.RUNNING


def test_a_guest_that_cannot_be_started_is_made_anew(lab: Lab) -> None:
    instance = lab.server()
    lab.call("build", instance)
    lab.driver.guest_becomes(instance.uuid, PowerState.SHUTDOWN)
    lab.driver.faults.fail("start")
    assert lab.call("build", instance).power_state is PowerState.RUNNING
    assert lab.driver.console_log is not None
    assert lab.driver.console_log.console_output(instance, None).count("login:") == 1


def test_a_host_that_fails_says_that_another_may_do_better(lab: Lab) -> None:
    instance = lab.server()
    lab.driver.faults.fail("spawn")
    with pytest.raises(errors.FaultedBuild, match="a fault was asked for"):
        lab.call("build", instance)
    assert lab.guests() == {}


def test_a_request_that_is_hopeless_says_so(lab: Lab) -> None:
    instance = lab.server()
    lab.driver.faults.abort("spawn")
    with pytest.raises(errors.BuildAborted):
        lab.call("build", instance)
    assert lab.guests() == {}


def test_an_image_that_is_not_there_is_hopeless(lab: Lab) -> None:
    absent = "7d3c7f4e-0000-4000-8000-000000000000"
    with pytest.raises(errors.BuildAborted, match=f"Image {absent} could not be found"):
        lab.call("build", lab.server(image_ref=absent))


def test_an_image_that_cannot_be_used_is_hopeless(lab: Lab) -> None:
    lab.images.put(
        Image(id="iso", disk_format="iso", container_format="bare", visibility="public"), b"x"
    )
    with pytest.raises(errors.BuildAborted, match="disk format iso"):
        lab.call("build", lab.server(image_ref="iso"))


def test_an_image_larger_than_the_flavor_is_hopeless(lab: Lab) -> None:
    lab.images.put(
        Image(id="big", disk_format="raw", container_format="bare", visibility="public",
              virtual_size=2 << 30),
        b"x",
    )  # fmt: skip
    with pytest.raises(errors.BuildAborted, match="larger than the flavor's"):
        lab.call("build", lab.server(image_ref="big"))
    lab.call("build", lab.server(image_ref="big", flavor=make_flavor(root_gb=2)))
    lab.call("build", lab.server(image_ref="big", flavor=make_flavor(root_gb=0)))


def test_an_image_service_that_is_away_is_the_hosts_trouble(lab: Lab) -> None:
    lab.images.fail(FAKE_IMAGE_ID, "unavailable")
    with pytest.raises(errors.FaultedBuild, match="unavailable"):
        lab.call("build", lab.server())


def test_a_server_without_image_needs_none(lab: Lab) -> None:
    assert lab.call("build", lab.server(image_ref=None)).power_state is PowerState.RUNNING


def test_what_nobody_expected_is_the_hosts_trouble(lab: Lab) -> None:
    def broken(spec: SpawnSpec) -> PowerState:
        raise ZeroDivisionError

    lab.driver.spawn = broken  # type: ignore[method-assign]
    with pytest.raises(errors.FaultedBuild, match="ZeroDivisionError"):
        lab.call("build", lab.server())


def test_not_more_builds_at_a_time_than_allowed(stopped: Lab) -> None:
    lab = stopped.start(max_concurrent_builds=2)
    running: list[int] = []
    most: list[int] = []
    spawn = lab.driver.spawn
    go = concurrency.Event()

    def counted(spec: SpawnSpec) -> PowerState:
        running.append(1)
        most.append(len(running))
        go.wait(10)
        running.pop()
        return spawn(spec)

    lab.driver.spawn = counted  # type: ignore[method-assign]
    tasks = [concurrency.spawn(lab.call, "build", lab.server()) for _ in range(6)]
    wait_for(lambda: len(running) == 2, 10, "two builds")
    go.set()
    for task in tasks:
        task.wait(10)
    assert max(most) == 2


def test_deleting_stops_a_build_that_waits_for_its_turn(stopped: Lab) -> None:
    lab = stopped.start(max_concurrent_builds=1)
    lab.driver.faults.hang("spawn", 0.5)
    first, second = lab.server(), lab.server()
    building = concurrency.spawn(lab.call, "build", first)
    wait_for(lambda: lab.host.calls.busy(first.uuid), 10, "the first build")
    waiting = concurrency.spawn(lab.call, "build", second)
    wait_for(lambda: lab.host.calls.busy(second.uuid), 10, "the second build")
    deleting = concurrency.spawn(lab.call, "destroy", second)
    wait_for(lambda: lab.host.calls.awaits(second.uuid, "destroy"), 10, "the deletion")
    building.wait(10)
    with pytest.raises(errors.BuildAborted, match="being deleted"):
        waiting.wait(10)
    deleting.wait(10)
    assert lab.guests() == {first.uuid: PowerState.RUNNING}


def test_destroying_can_be_repeated(lab: Lab) -> None:
    instance = lab.running()
    for _ in range(2):
        lab.call("destroy", instance)
    assert lab.guests() == {}


def test_destroying_can_leave_the_disks(lab: Lab) -> None:
    instance = lab.running()
    lab.call("destroy", instance, keep_disks=True)
    assert lab.guests() == {instance.uuid: PowerState.NOSTATE}


def test_a_destroy_that_fails_says_so(lab: Lab) -> None:
    instance = lab.running()
    lab.driver.faults.fail("destroy")
    with pytest.raises(errors.GuestOperationFailed):
        lab.call("destroy", instance)
    lab.call("destroy", instance)
