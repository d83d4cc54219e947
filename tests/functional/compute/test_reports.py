# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest

from nova_lite.base.context import service_context
from nova_lite.compute.host import BINARY
from nova_lite.domain import errors
from nova_lite.domain.host import NodeReport
from tests.fixtures.wait import wait_for
from tests.functional.compute.lab import Lab


def last(lab: Lab) -> NodeReport:
    return lab.conductor.reports[-1][1]


def test_a_host_that_has_started_is_known(lab: Lab) -> None:
    assert (BINARY, "host1") in lab.conductor.services
    ((host, report),) = lab.conductor.nodes.values()
    assert (host, report.hypervisor_hostname) == ("host1", "host1")
    wait_for(lambda: lab.conductor.restarted == ["host1"], 10, "the word of the restart")
    wait_for(lambda: lab.conductor.beats[(BINARY, "host1")] >= 2, 10, "another heartbeat")


def test_options_say_what_is_kept_back_and_how_often_the_rest_is_sold(stopped: Lab) -> None:
    lab = stopped.start(
        fake__vcpus=10,
        fake__memory_mb=300,
        fake__disk_gb=50,
        reserved_host_cpus=2,
        reserved_host_memory_mb=512,
        reserved_host_disk_mb=1500,
        cpu_allocation_ratio=3.0,
    )
    inventory = last(lab).inventory
    assert (inventory["VCPU"].reserved, inventory["VCPU"].ratio) == (2, 3.0)
    assert (inventory["MEMORY_MB"].reserved, inventory["MEMORY_MB"].ratio) == (300, 1.0)
    assert inventory["MEMORY_MB"].capacity == 0
    assert inventory["DISK_GB"].reserved == 2


def test_ratios_of_new_hosts(lab: Lab) -> None:
    inventory = last(lab).inventory
    assert [inventory[name].ratio for name in ("VCPU", "MEMORY_MB", "DISK_GB")] == [4.0, 1.0, 1.0]


def test_changes_are_reported_soon_and_together(lab: Lab) -> None:
    before = len(lab.conductor.reports)
    for _ in range(5):
        lab.running()
    wait_for(lambda: last(lab).running_vms == 5, 10, "a report with five guests")
    assert len(lab.conductor.reports) - before <= 2


def test_failed_builds_are_counted_up_to_the_next_success(lab: Lab) -> None:
    lab.driver.faults.fail("spawn", times=2)
    for _ in range(2):
        with pytest.raises(errors.FaultedBuild):
            lab.call("build", lab.server())
    lab.host.tracker.report(service_context())
    assert last(lab).stats["failed_builds"] == 2
    lab.driver.faults.abort("spawn")
    with pytest.raises(errors.BuildAborted):
        lab.call("build", lab.server())
    lab.host.tracker.report(service_context())
    assert last(lab).stats["failed_builds"] == 2, "a bad request is not the host's fault"
    lab.running()
    lab.host.tracker.report(service_context())
    assert last(lab).stats["failed_builds"] == 0


def test_failed_builds_can_be_kept_from_the_scheduler(stopped: Lab) -> None:
    lab = stopped.start(compute__consecutive_build_service_disable_threshold=0)
    lab.driver.faults.fail("spawn")
    with pytest.raises(errors.FaultedBuild):
        lab.call("build", lab.server())
    lab.host.tracker.report(service_context())
    assert last(lab).stats["failed_builds"] == 0


def test_builds_under_way_are_workload(lab: Lab) -> None:
    with lab.host.tracker.working(), lab.host.tracker.working():
        lab.host.tracker.report(service_context())
        assert last(lab).stats["io_workload"] == 2
    lab.host.tracker.report(service_context())
    assert last(lab).stats["io_workload"] == 0


def test_one_process_can_be_many_hosts(stopped: Lab) -> None:
    lab = stopped.start(fake__hosts=3)
    assert [host.name for host in lab.hosts] == ["host1-1", "host1-2", "host1-3"]
    assert len(lab.conductor.nodes) == 3
    instance = lab.server(host="host1-2")
    lab.clients.compute("host1-2").build(service_context(), instance=instance)
    assert [len(host.driver.list_guests()) for host in lab.hosts] == [0, 1, 0]


def test_the_state_folder_can_be_anywhere(tmp_path: Path) -> None:
    lab = Lab(tmp_path, state_path=str(tmp_path / "a" / "b"))
    try:
        lab.start()
        ((node_uuid, _),) = lab.conductor.nodes.items()
        assert (tmp_path / "a" / "b" / "compute_id").read_text().strip() == node_uuid
    finally:
        lab.close()
