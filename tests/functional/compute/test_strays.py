# SPDX-License-Identifier: Apache-2.0
"""Guests of servers that are deleted or live elsewhere."""

import datetime as dt

import pytest

from nova_lite.base import clock
from nova_lite.base.context import service_context
from nova_lite.domain.states import PowerState, VmState
from nova_lite.virt.driver import SpawnSpec
from tests.fixtures.servers import make_instance
from tests.fixtures.wait import wait_for
from tests.functional.compute.lab import Lab

QUIET = {"periodic_enable": False, "report_interval": 3600}


@pytest.fixture
def quiet(stopped: Lab) -> Lab:
    return stopped.start(**QUIET)


def check(lab: Lab) -> list[str]:
    return lab.host.strays.check(service_context())


def check_new(lab: Lab) -> list[str]:
    return lab.host.strays.check_new(service_context(), lab.host.sync.take_new())


def test_what_belongs_here_stays(quiet: Lab) -> None:
    instance = quiet.running()
    assert check(quiet) == check_new(quiet) == []
    assert set(quiet.guests()) == {instance.uuid}


def test_the_guest_of_a_deleted_server_goes(quiet: Lab) -> None:
    instance, kept = quiet.running(), quiet.running()
    quiet.conductor.put(instance, deleted=True, deleted_at=clock.now())
    assert check(quiet) == [instance.uuid]
    assert set(quiet.guests()) == {kept.uuid}


@pytest.mark.parametrize("where", ["host2", None])
def test_the_guest_of_a_server_that_lives_elsewhere_goes(quiet: Lab, where: str | None) -> None:
    instance = quiet.running()
    quiet.conductor.put(instance, host=where)
    assert check(quiet) == [instance.uuid]
    assert quiet.guests() == {}


def test_disks_without_a_guest_go_too(quiet: Lab) -> None:
    instance = quiet.running()
    quiet.driver.destroy(instance, keep_disks=True)
    quiet.conductor.put(instance, deleted=True)
    assert check(quiet) == [instance.uuid]
    assert quiet.guests() == {}


def test_a_guest_that_nobody_knows_is_left_alone(quiet: Lab) -> None:
    """It may be another installation's; and an empty database must not empty its hosts."""
    stranger = make_instance()
    quiet.driver.spawn(SpawnSpec(instance=stranger, root=None))
    known = quiet.running()
    quiet.conductor.instances.clear()
    assert check(quiet) == check_new(quiet) == []
    assert set(quiet.guests()) == {stranger.uuid, known.uuid}


def test_a_soft_deleted_server_keeps_its_guest(quiet: Lab) -> None:
    instance = quiet.running()
    quiet.conductor.put(instance, vm_state=VmState.SOFT_DELETED)
    assert check(quiet) == []


@pytest.mark.parametrize(
    ("action", "left"),
    [
        ("noop", PowerState.RUNNING),
        ("log", PowerState.RUNNING),
        ("shutdown", PowerState.SHUTDOWN),
    ],
)
def test_the_option_says_what_becomes_of_them(stopped: Lab, action: str, left: PowerState) -> None:
    lab = stopped.start(running_deleted_instance_action=action, **QUIET)
    instance = lab.running()
    lab.conductor.put(instance, deleted=True)
    check(lab)
    assert lab.guests() == {instance.uuid: left}


def test_some_time_can_be_given(stopped: Lab) -> None:
    lab = stopped.start(running_deleted_instance_timeout=100, **QUIET)
    instance = lab.running()
    lab.conductor.put(instance, deleted=True, deleted_at=clock.now())
    assert check(lab) == []
    lab.conductor.put(instance, deleted=True, deleted_at=clock.now() - dt.timedelta(seconds=101))
    assert check(lab) == [instance.uuid]


def test_a_server_that_comes_back_in_the_last_moment_keeps_its_guest(quiet: Lab) -> None:
    instance = quiet.running()
    seen = quiet.conductor.put(instance, host="host2")
    quiet.conductor.put(instance, host="host1")
    guest = quiet.driver.list_guests()[0]
    quiet.host.strays._remove(service_context(), seen, guest)
    assert set(quiet.guests()) == {instance.uuid}


def test_a_build_that_was_given_up_is_found_within_a_minute(quiet: Lab) -> None:
    instance = quiet.server(vm_state=VmState.BUILDING)
    quiet.call("build", instance)
    assert check_new(quiet) == [], "its build goes on"
    quiet.conductor.put(instance, host="host2")
    assert check_new(quiet) == [instance.uuid]
    assert quiet.guests() == {}
    assert check_new(quiet) == []


def test_what_turned_out_well_is_not_looked_at_again(quiet: Lab) -> None:
    instance = quiet.running()
    assert check_new(quiet) == []
    quiet.conductor.put(instance, host="host2")
    assert check_new(quiet) == []
    assert check(quiet) == [instance.uuid]


def test_they_are_looked_for_at_start(lab: Lab) -> None:
    instance = lab.running()
    lab.stop()
    lab.conductor.put(instance, deleted=True)
    lab.start()
    wait_for(lambda: lab.guests() == {}, 10, "the guest to be removed")


def test_a_guest_that_will_not_go_stops_nobody(quiet: Lab) -> None:
    one, two = quiet.running(), quiet.running()
    for instance in (one, two):
        quiet.conductor.put(instance, deleted=True)
    quiet.driver.faults.fail("destroy")
    assert set(check(quiet)) == {one.uuid, two.uuid}
    assert len(quiet.guests()) == 1
    check(quiet)
    assert quiet.guests() == {}
