# SPDX-License-Identifier: Apache-2.0
"""What a host does when it starts, and when it was away."""

from pathlib import Path

import pytest

from nova_lite.base import concurrency
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState, TaskState
from nova_lite.virt.fake.driver import FakeDriver, FakePower
from tests.fixtures.wait import wait_for
from tests.functional.compute.lab import Lab

RUNNING, OFF = PowerState.RUNNING, PowerState.SHUTDOWN


def restart(lab: Lab, **options: object) -> Lab:
    lab.stop()
    lab.conductor.restarted.clear()
    lab.start(**options)
    wait_for(lambda: lab.conductor.restarted, 10, "the word of the restart")
    return lab


def test_guests_and_identity_are_the_same_after_a_restart(lab: Lab) -> None:
    instance = lab.running()
    before = set(lab.conductor.nodes)
    restart(lab)
    assert set(lab.conductor.nodes) == before
    assert lab.guests() == {instance.uuid: RUNNING}
    assert lab.call("get_power_state", instance).power_state is RUNNING


def test_a_host_that_is_renamed_does_not_start(lab: Lab) -> None:
    lab.stop()
    with pytest.raises(errors.ConfigurationError, match="says that it is host1") as refused:
        lab.start(host="other")
    assert refused.value.values["option"] == "host"


def test_a_host_whose_state_is_lost_does_not_start(lab: Lab, tmp_path: Path) -> None:
    (node_uuid,) = lab.conductor.nodes
    lab.stop()
    (tmp_path / "state" / "compute_id").unlink()
    with pytest.raises(errors.ConfigurationError, match=f"known already as {node_uuid}"):
        lab.start()
    (tmp_path / "state" / "compute_id").write_text(f"{node_uuid}\n")
    lab.start()


def test_a_host_with_the_state_of_another_does_not_start(lab: Lab, tmp_path: Path) -> None:
    lab.stop()
    (tmp_path / "state" / "compute_id").write_text("1b671a64-40d5-491e-99b0-da01ff1f3341\n")
    with pytest.raises(errors.ConfigurationError, match="is known as"):
        lab.start()
    (tmp_path / "state" / "compute_id").write_text("junk")
    with pytest.raises(errors.ConfigurationError, match="holds no uuid"):
        lab.start()


def test_a_state_folder_that_cannot_be_written_is_told(stopped: Lab, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(errors.ConfigurationError, match="state_path"):
        stopped.start()


def test_it_waits_for_the_conductor(stopped: Lab) -> None:
    stopped.bus.close()
    fresh = type(stopped.bus)(patience=0.1)
    stopped.bus, stopped.clients = fresh, type(stopped.clients)(fresh)
    starting = concurrency.spawn(stopped.start)
    assert not starting.done
    stopped.conductor.serve(fresh)
    starting.wait(15)
    wait_for(lambda: stopped.conductor.restarted, 10, "the host")


def test_it_waits_for_the_hypervisor(stopped: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []
    really = FakeDriver.start

    def start(driver: FakeDriver, host: str) -> None:
        tries.append(host)
        if len(tries) < 2:
            raise errors.HypervisorUnavailable(host=host, reason="not up yet")
        really(driver, host)

    # a hypervisor that comes up later is nothing that the fake driver can pretend
    monkeypatch.setattr(FakeDriver, "start", start)
    stopped.start()
    assert len(tries) == 2


@pytest.mark.parametrize("resume", [True, False])
def test_guests_that_ran_are_started_where_so_configured(lab: Lab, resume: bool) -> None:
    ran, busy, stopped = lab.running(), lab.running(), lab.running()
    lab.call("stop", stopped, timeout=0)
    lab.conductor.put(stopped, power_state=OFF)
    lab.conductor.put(busy, task_state=TaskState.REBOOTING)
    lab.stop()  # or it would see them go
    for one in (ran, busy):
        lab.driver.guest_becomes(one.uuid, OFF)
    restart(lab, resume_guests_state_on_host_boot=resume, sync_power_state_interval=-1)
    if resume:
        wait_for(lambda: lab.guests()[ran.uuid] is RUNNING, 10, "the guest that ran")
    assert lab.guests() == {
        ran.uuid: RUNNING if resume else OFF,
        busy.uuid: OFF,
        stopped.uuid: OFF,
    }
    wait_for(lambda: not lab.host.sync.resuming, 10, "all of them to be tried")
    assert ran.uuid not in [uuid for _, uuid, _ in lab.conductor.power]


def test_what_a_guest_needs_may_come_a_little_later(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its network, which is made anew when the machine has booted."""
    ran = lab.running()
    lab.stop()  # or it would see the guest go
    lab.driver.guest_becomes(ran.uuid, OFF)
    tries = []
    really = FakePower.start

    def start(power: FakePower, instance: Instance) -> PowerState:
        tries.append(instance.uuid)
        if len(tries) < 2:
            raise errors.GuestOperationFailed(operation="start", name="it", reason="no bridge")
        return really(power, instance)

    # faults that are told to the fake driver do not outlive its restart
    monkeypatch.setattr(FakePower, "start", start)
    restart(lab, resume_guests_state_on_host_boot=True, periodic_fuzzy_delay=0)
    wait_for(lambda: lab.guests()[ran.uuid] is RUNNING, 10, "the guest that ran")
    assert tries == [ran.uuid, ran.uuid]
    assert lab.conductor.power == [], "nobody was told as stopped"


def test_unknown_drivers_are_told(stopped: Lab) -> None:
    with pytest.raises(errors.ConfigurationError, match="is not set; use fake.FakeDriver or"):
        stopped.start(compute_driver=None)
    with pytest.raises(errors.ConfigurationError, match="xen.Driver cannot be loaded"):
        stopped.start(compute_driver="xen.Driver")
    stopped.start(compute_driver="nova_lite.virt.fake.driver.FakeDriver")


def test_when_the_conductor_is_back_the_host_looks_around(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its server was deleted while it was cut off: the guest goes as soon as it hears that."""
    lab = Lab(tmp_path, call_timeout=0.3).start()
    try:
        instance = lab.running()
        wait_for(lambda: lab.conductor.restarted, 10, "the start")
        lab.conductor_server.stop()
        wait_for(lambda: "did not hear of nova-compute" in caplog.text, 10, "a beat unheard")
        lab.conductor.put(instance, deleted=True)
        lab.conductor.serve(lab.bus)
        wait_for(lambda: lab.guests() == {}, 10, "the guest to be removed")
    finally:
        lab.close()
