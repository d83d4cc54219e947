# SPDX-License-Identifier: Apache-2.0
"""Guests that change by themselves."""

import pytest

from nova_lite.base import clock
from nova_lite.base.context import service_context
from nova_lite.compute.sync import SETTLED
from nova_lite.domain.states import PowerState, TaskState, VmState
from tests.fixtures.wait import wait_for
from tests.functional.compute.lab import Lab

RUNNING, PAUSED, OFF = PowerState.RUNNING, PowerState.PAUSED, PowerState.SHUTDOWN
CRASHED, NOSTATE = PowerState.CRASHED, PowerState.NOSTATE


@pytest.fixture
def quiet(stopped: Lab) -> Lab:
    """A host whose periodic jobs do not disturb: what happens is what the test does."""
    lab = stopped.start(periodic_enable=False, report_interval=3600)
    assert lab.host.recovering is not None
    lab.host.recovering.wait(15)
    return lab


def told(lab: Lab) -> list[tuple[str, PowerState]]:
    return [(uuid, state) for _, uuid, state in lab.conductor.power]


# --- events -------------------------------------------------------------------------------


def test_a_guest_that_halts_is_told(lab: Lab) -> None:
    instance = lab.running()
    lab.driver.guest_becomes(instance.uuid, OFF)
    wait_for(lambda: told(lab) == [(instance.uuid, OFF)], 15, "the conductor to hear")
    assert lab.conductor.power[0][0] == "host1"


def test_our_own_doing_is_no_news(quiet: Lab, manual_clock: clock.ManualClock) -> None:
    instance = quiet.running()
    for name in ("pause", "unpause", "reboot_hard"):
        quiet.call(name, instance)
    quiet.call("stop", instance, timeout=0)
    quiet.call("destroy", instance)
    for _ in range(3):
        quiet.host.sync.heed(service_context())
        manual_clock.advance(SETTLED)
    assert told(quiet) == []


def test_only_where_it_came_to_rest_counts(quiet: Lab, manual_clock: clock.ManualClock) -> None:
    """A guest that reboots by itself goes off and on again."""
    instance = quiet.running()
    sync = quiet.host.sync
    quiet.driver.guest_becomes(instance.uuid, OFF)
    sync.heed(service_context())
    manual_clock.advance(SETTLED / 2)
    quiet.driver.guest_becomes(instance.uuid, RUNNING)
    sync.heed(service_context())
    manual_clock.advance(SETTLED / 2)
    sync.heed(service_context())
    manual_clock.advance(SETTLED)
    sync.heed(service_context())
    assert told(quiet) == []


def test_the_same_is_not_told_twice(quiet: Lab, manual_clock: clock.ManualClock) -> None:
    instance = quiet.running()
    for _ in range(3):
        quiet.driver.guest_becomes(instance.uuid, CRASHED)
        quiet.host.sync.heed(service_context())
        manual_clock.advance(SETTLED)
        quiet.host.sync.heed(service_context())
    assert told(quiet) == [(instance.uuid, CRASHED)]


def test_what_could_not_be_told_is_told_later(quiet: Lab, manual_clock: clock.ManualClock) -> None:
    instance = quiet.running()
    quiet.bus.faults.drop("power_changed")
    quiet.host.sync._conductor = quiet.clients.conductor.options(timeout=0.1)
    quiet.driver.guest_becomes(instance.uuid, OFF)
    quiet.host.sync.heed(service_context())
    manual_clock.advance(SETTLED)
    quiet.host.sync.heed(service_context())
    assert told(quiet) == []
    manual_clock.advance(SETTLED)
    quiet.host.sync.heed(service_context())
    assert told(quiet) == [(instance.uuid, OFF)]


def test_events_can_be_ignored(stopped: Lab, manual_clock: clock.ManualClock) -> None:
    lab = stopped.start(periodic_enable=False, workarounds__handle_virt_lifecycle_events=False)
    instance = lab.running()
    lab.driver.guest_becomes(instance.uuid, OFF)
    lab.host.sync.heed(service_context())
    manual_clock.advance(SETTLED)
    lab.host.sync.heed(service_context())
    assert told(lab) == []


# --- a look at everything -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("vm", "recorded", "seen", "tells"),
    [
        (VmState.ACTIVE, RUNNING, RUNNING, False),
        (VmState.ACTIVE, RUNNING, OFF, True),
        (VmState.ACTIVE, RUNNING, CRASHED, True),
        (VmState.ACTIVE, RUNNING, PAUSED, True),
        (VmState.ACTIVE, OFF, OFF, True),
        (VmState.STOPPED, OFF, OFF, False),
        (VmState.STOPPED, OFF, RUNNING, True),
        (VmState.STOPPED, RUNNING, RUNNING, True),
        (VmState.PAUSED, PAUSED, PAUSED, False),
        (VmState.PAUSED, PAUSED, OFF, True),
        (VmState.SUSPENDED, OFF, OFF, False),
        (VmState.ERROR, RUNNING, OFF, True),
    ],
)
def test_differences_are_told(
    quiet: Lab, vm: VmState, recorded: PowerState, seen: PowerState, tells: bool
) -> None:
    instance = quiet.running()
    quiet.driver.guest_becomes(instance.uuid, seen)
    quiet.conductor.put(instance, vm_state=vm, power_state=recorded)
    quiet.host.sync.compare(service_context())
    assert told(quiet) == ([(instance.uuid, seen)] if tells else [])


def test_busy_servers_are_left_to_their_flow(quiet: Lab) -> None:
    instance = quiet.running()
    quiet.driver.guest_becomes(instance.uuid, OFF)
    quiet.conductor.put(instance, task_state=TaskState.REBOOTING)
    quiet.host.sync.compare(service_context())
    assert told(quiet) == []


def test_a_guest_that_is_gone_has_no_state(quiet: Lab) -> None:
    instance = quiet.running()
    quiet.driver.destroy(instance)
    quiet.host.sync.compare(service_context())
    assert told(quiet) == [(instance.uuid, NOSTATE)]


def test_the_comparison_runs_at_start_and_by_period(lab: Lab) -> None:
    instance = lab.running()
    lab.stop()
    lab.driver.guest_becomes(instance.uuid, OFF)
    lab.start()
    wait_for(lambda: (instance.uuid, OFF) in told(lab), 15, "the first comparison")


def test_a_guest_that_is_about_to_be_resumed_is_not_told_as_stopped(quiet: Lab) -> None:
    off, paused = quiet.running(), quiet.running()
    quiet.driver.guest_becomes(off.uuid, PowerState.SHUTDOWN)
    quiet.driver.guest_becomes(paused.uuid, PowerState.PAUSED)
    quiet.host.sync.resuming = True
    quiet.host.sync.compare(service_context())
    assert [uuid for _, uuid, _ in quiet.conductor.power] == [paused.uuid]
    quiet.host.sync.resuming = False
    quiet.host.sync.compare(service_context())
    assert quiet.conductor.power[1:] == [(quiet.host.name, off.uuid, PowerState.SHUTDOWN)]
