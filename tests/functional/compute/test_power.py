# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

import pytest

from nova_lite.base.context import service_context
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.lifecycle import BY_ACTION
from nova_lite.domain.states import Action, PowerState
from nova_lite.rpc.contract import compile_contract
from nova_lite.rpc.contracts.compute import Compute
from tests.functional.compute.lab import Lab

RUNNING, PAUSED, OFF = PowerState.RUNNING, PowerState.PAUSED, PowerState.SHUTDOWN


def test_plain_actions_are_called_like_the_method() -> None:
    methods = compile_contract(Compute).methods
    for action in (
        Action.START, Action.STOP, Action.REBOOT, Action.REBOOT_HARD,
        Action.PAUSE, Action.UNPAUSE, Action.SUSPEND, Action.RESUME,
    ):  # fmt: skip
        assert action in BY_ACTION and action.value in methods


@pytest.mark.parametrize(
    ("calls", "state"),
    [
        (["stop"], OFF),
        (["stop", "stop"], OFF),
        (["stop", "start"], RUNNING),
        (["start"], RUNNING),
        (["reboot"], RUNNING),
        (["reboot_hard"], RUNNING),
        (["stop", "reboot_hard"], RUNNING),
        (["pause"], PAUSED),
        (["pause", "pause"], PAUSED),
        (["pause", "unpause"], RUNNING),
        (["unpause"], RUNNING),
        (["pause", "reboot_hard"], RUNNING),
        (["suspend"], OFF),
        (["suspend", "suspend"], OFF),
        (["suspend", "resume"], RUNNING),
        (["resume"], RUNNING),
    ],
)
def test_each_call_says_where_the_guest_is_then(
    lab: Lab, calls: list[str], state: PowerState
) -> None:
    instance = lab.running()
    for name in calls:
        values = {"timeout": 5} if name == "stop" else {}
        result = lab.call(name, instance, **values)
    assert result.power_state is state
    assert lab.guests() == {instance.uuid: state}


@pytest.mark.parametrize(
    "name", ["start", "stop", "reboot", "reboot_hard", "pause", "unpause", "suspend", "resume"]
)
def test_a_guest_that_is_not_there(lab: Lab, name: str) -> None:
    values = {"timeout": 5} if name == "stop" else {}
    with pytest.raises(errors.GuestNotFound):
        lab.call(name, lab.server(), **values)


@pytest.mark.parametrize("name", ["start", "pause", "suspend", "reboot_hard"])
def test_a_failure_is_told_and_leaves_the_guest_as_it_was(lab: Lab, name: str) -> None:
    instance = lab.running()
    if name == "start":
        lab.call("stop", instance, timeout=0)
    before = lab.guests()
    lab.driver.faults.fail(name)
    with pytest.raises(errors.GuestOperationFailed):
        lab.call(name, instance)
    assert lab.guests() == before
    lab.call(name, instance)


def patience_of_stops(lab: Lab, ends: Callable[[int], PowerState]) -> list[int]:
    """Replace the guest's obedience; returns the timeouts of the stops that follow."""
    asked: list[int] = []
    really = lab.driver.power.stop

    def stop(instance: Instance, timeout: int) -> PowerState:
        asked.append(timeout)
        return really(instance, 0) if timeout == 0 else ends(timeout)

    lab.driver.power.stop = stop  # type: ignore[method-assign]
    return asked


def test_a_guest_that_ignores_the_button_loses_power(lab: Lab) -> None:
    instance = lab.running()
    asked = patience_of_stops(lab, lambda timeout: RUNNING)
    assert lab.call("stop", instance, timeout=7).power_state is OFF
    assert asked == [7, 0]


def test_power_can_be_cut_at_once(lab: Lab) -> None:
    instance = lab.running()
    asked = patience_of_stops(lab, lambda timeout: RUNNING)
    assert lab.call("stop", instance, timeout=7, graceful=False).power_state is OFF
    assert asked == [0]


def test_a_soft_reboot_that_does_not_work_becomes_a_hard_one(lab: Lab) -> None:
    instance = lab.running()
    lab.driver.guest_becomes(instance.uuid, PowerState.CRASHED)
    assert lab.call("reboot", instance).power_state is RUNNING
    lab.driver.faults.fail("reboot")
    assert lab.call("reboot", instance).power_state is RUNNING


@pytest.mark.parametrize(
    ("group", "calls"), [("pause", ["pause", "unpause"]), ("suspend", ["suspend", "resume"])]
)
def test_what_the_driver_cannot_do_is_refused(lab: Lab, group: str, calls: list[str]) -> None:
    instance = lab.running()
    setattr(lab.driver, group, None)
    for name in calls:
        with pytest.raises(errors.ActionUnsupported, match=name):
            lab.call(name, instance)


def test_asking_for_the_power_state(lab: Lab) -> None:
    instance = lab.running()
    assert lab.call("get_power_state", instance).power_state is RUNNING
    lab.call("destroy", instance)
    assert lab.call("get_power_state", instance).power_state is PowerState.NOSTATE


def test_console_output(lab: Lab) -> None:
    instance = lab.running(hostname="web7")
    whole = lab.call("get_console_output", instance, length=None)
    assert whole.endswith("web7 login: ")
    assert lab.call("get_console_output", instance, length=1) == "web7 login: "
    lab.driver.faults.fail("console")
    with pytest.raises(errors.ConsoleLogUnavailable):
        lab.call("get_console_output", instance, length=None)
    lab.driver.console_log = None
    with pytest.raises(errors.ActionUnsupported):
        lab.call("get_console_output", instance, length=None)


def test_guests_and_ping(lab: Lab) -> None:
    instance = lab.running()
    client = lab.clients.compute("host1")
    assert [one.uuid for one in client.list_guests(service_context())] == [instance.uuid]
    assert client.ping(service_context()) == "host1"
