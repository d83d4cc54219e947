# SPDX-License-Identifier: Apache-2.0
"""Rescue and rebuild at the host: once and twice, in the middle of a crash, and in vain."""

import pytest
from msgspec.structs import replace

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from nova_lite.virt.fake.guests import FakeGuest
from tests.functional.compute.lab import CONTEXT, Lab

RUNNING, OFF = PowerState.RUNNING, PowerState.SHUTDOWN
ABSENT = "11111111-2222-4333-8444-555555555555"


def guest(lab: Lab, instance: Instance) -> FakeGuest:
    found = lab.driver._machine.guests.find(instance.uuid)
    assert found is not None
    return found


def rescue(lab: Lab, instance: Instance, image_id: str | None = None) -> PowerState:
    seen = lab.call("rescue", instance, timeout=5, image_id=image_id, admin_pass="x")
    return PowerState(seen.power_state)


def rebuild(lab: Lab, instance: Instance, token: str = "once", **more: object) -> PowerState:
    values = {"timeout": 5, "token": token, **more}
    return PowerState(lab.call("rebuild", instance, **values).power_state)


@pytest.mark.parametrize("off", [False, True])
def test_rescued_and_back_each_twice(lab: Lab, off: bool) -> None:
    instance = lab.running()
    if off:
        lab.call("stop", instance, timeout=0)
    for _ in range(2):
        assert rescue(lab, instance) is RUNNING
        assert guest(lab, instance).rescued == FAKE_IMAGE_ID
    for _ in range(2):
        seen = lab.call("unrescue", instance, start=not off)
        assert seen.power_state is (OFF if off else RUNNING)
        assert guest(lab, instance).rescued is None


def test_the_hosts_own_rescue_image(lab: Lab) -> None:
    """The one of the request comes first, then the host's, then the server's."""
    lab.stop()
    image = lab.images.get(CONTEXT, FAKE_IMAGE_ID)
    lab.images.put(replace(image, id=ABSENT), b"rescue")
    lab.start(libvirt__rescue_image_id=ABSENT)
    instance = lab.running()
    rescue(lab, instance)
    assert guest(lab, instance).rescued == ABSENT
    lab.call("unrescue", instance)
    rescue(lab, instance, FAKE_IMAGE_ID)
    assert guest(lab, instance).rescued == FAKE_IMAGE_ID


def test_the_image_comes_before_the_guest_is_touched(lab: Lab) -> None:
    instance = lab.running()
    boots = guest(lab, instance).boots
    with pytest.raises(errors.ImageNotFound):
        rescue(lab, instance, ABSENT)
    lab.images.fail(FAKE_IMAGE_ID, "unavailable")
    with pytest.raises(errors.FaultedBuild):
        rebuild(lab, instance)
    assert lab.guests() == {instance.uuid: RUNNING}
    assert guest(lab, instance).boots == boots


def test_a_guest_that_is_not_there(lab: Lab) -> None:
    instance = lab.server()
    with pytest.raises(errors.GuestNotFound):
        rescue(lab, instance)
    with pytest.raises(errors.GuestNotFound):
        lab.call("unrescue", instance)
    assert rebuild(lab, instance) is RUNNING


def test_rebuilt_once_for_each_token(lab: Lab) -> None:
    instance = lab.running()
    for _ in range(2):
        assert rebuild(lab, instance) is RUNNING
        assert guest(lab, instance).boots == 1
    assert rebuild(lab, instance, "again", start=False) is OFF
    assert guest(lab, instance).boots == 0
    assert rebuild(lab, instance, "again", start=True) is RUNNING


@pytest.mark.parametrize("call", ["rescue", "unrescue", "rebuild"])
def test_the_service_dies_and_is_asked_again(lab: Lab, call: str) -> None:
    """What it was asked before it died is asked of the new one."""
    instance = lab.running()
    if call == "unrescue":
        rescue(lab, instance)
    lab.driver.faults.fail(call)
    ask = {
        "rescue": lambda: rescue(lab, instance),
        "unrescue": lambda: lab.call("unrescue", instance),
        "rebuild": lambda: rebuild(lab, instance),
    }[call]
    with pytest.raises((errors.GuestOperationFailed, errors.FaultedBuild)):
        ask()
    lab.stop()
    lab.start()
    ask()
    assert lab.guests() == {instance.uuid: RUNNING}
    assert (guest(lab, instance).rescued is not None) == (call == "rescue")


def test_wishes_that_cannot_be_had_leave_the_guest_running(lab: Lab) -> None:
    instance = lab.running()
    lab.driver.faults.abort("check_rebuild")
    with pytest.raises(errors.BuildAborted):
        rebuild(lab, instance)
    lab.driver.faults.fail("check_rescue")
    with pytest.raises(errors.GuestOperationFailed):
        rescue(lab, instance)
    lab.call("unrescue", instance)  # as the conductor does then
    assert lab.guests() == {instance.uuid: RUNNING}
    assert guest(lab, instance).boots == 1
    rebuild(lab, instance)


def test_a_config_drive_is_made_anew(lab: Lab) -> None:
    instance = lab.running(config_drive=True)
    rebuild(lab, instance)
    assert guest(lab, instance).config_drive


def test_a_driver_without_these_groups(lab: Lab) -> None:
    instance = lab.running()
    lab.driver.rescue = lab.driver.rebuild = None
    for ask in (
        lambda: rescue(lab, instance),
        lambda: lab.call("unrescue", instance),
        lambda: rebuild(lab, instance),
    ):
        with pytest.raises(errors.ActionUnsupported):
            ask()
