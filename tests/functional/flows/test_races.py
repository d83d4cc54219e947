# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

from nova_lite.base import concurrency
from nova_lite.db.api import models as api_models
from nova_lite.db.api import quotas
from nova_lite.db.cell import flow_runs
from nova_lite.domain import errors
from nova_lite.domain.request import CreateServers
from nova_lite.domain.states import Action, VmState
from tests.fixtures.conducting import FAKE_IMAGE_ID, PROJECT, SMALL, Cloud, a_context
from tests.fixtures.databases import CELL1
from tests.fixtures.hosts import Gate
from tests.fixtures.wait import wait_for


def create_over_rpc(cloud: Cloud) -> str | errors.NovaLiteError:
    request = CreateServers(name="x", flavor_ref=SMALL.flavorid, image_ref=FAKE_IMAGE_ID)
    try:
        created = cloud.clients.conductor.create_servers(a_context(), request=request)
    except errors.NovaLiteError as error:
        return error
    return str(created.uuids[0])


def test_quota_of_20_and_50_at_once(make_cloud: Callable[..., Cloud]) -> None:
    """Two conductors, 50 requests: exactly 20 are accepted, 30 refused with the numbers."""
    cloud = make_cloud(quota__instances=20, vcpus=100)
    cloud.process(), cloud.process()
    tasks = [concurrency.spawn(create_over_rpc, cloud) for _ in range(50)]
    answers = [task.wait(60) for task in tasks]
    accepted = [answer for answer in answers if isinstance(answer, str)]
    refused = [answer for answer in answers if isinstance(answer, errors.OverQuota)]
    assert (len(accepted), len(refused)) == (20, 30)
    assert refused[0].message == (
        "Quota exceeded for instances: Requested 1, but already used 20 of 20 instances"
    )
    for uuid in accepted:
        cloud.wait(uuid, VmState.ACTIVE, 60)
    with cloud.databases.read_api() as tx:
        assert quotas.usage(tx, PROJECT)["instances"] == 20
    cloud.wait_quiet(60)
    assert cloud.findings() == []


def test_as_many_as_fit_between_least_and_most(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(quota__instances=5)
    cloud.process()
    assert len(cloud.create(min_count=2, max_count=10).uuids) == 5
    try:
        cloud.create(min_count=1, max_count=3)
    except errors.OverQuota as error:
        assert "Requested 3, but already used 5 of 5 instances" in error.message
    else:
        raise AssertionError("nothing was refused")


def test_hosts_with_room_for_6_and_10_at_once(make_cloud: Callable[..., Cloud]) -> None:
    cloud = make_cloud(hosts=3, vcpus=2)
    cloud.process(), cloud.process()
    tasks = [concurrency.spawn(create_over_rpc, cloud) for _ in range(10)]
    uuids = [str(task.wait(60)) for task in tasks]
    wait_for(lambda: not cloud.runs(), 60, "all builds to end")
    states = [cloud.get(uuid).vm_state for uuid in uuids]
    assert sorted(states) == [VmState.ACTIVE] * 6 + [VmState.ERROR] * 4
    used = [
        row["used"]
        for row in cloud.rows(api_models.inventories, None)
        if row["resource_class"] == "VCPU"
    ]
    assert used == [2, 2, 2]
    assert cloud.findings() == []


def test_two_conductors_take_over_and_one_gets_it(cloud: Cloud) -> None:
    victim = cloud.process(serve=False)
    gate = Gate()
    cloud.hosts.script("build", gate)
    uuid = cloud.create(victim).uuids[0]
    assert gate.reached.wait(10)
    victim.die()
    heirs = [cloud.process(serve=False, silence=0.0) for _ in range(4)]
    tasks = [concurrency.spawn(heir.runner.take_over) for heir in heirs]
    taken = [task.wait(10) for task in tasks]
    # With no silence allowed the heirs take from each other too; one has it in the end.
    assert sum(taken) >= 1
    gate.open.set()
    cloud.wait(uuid, VmState.ACTIVE)
    cloud.wait_quiet()
    assert cloud.hosts.guests() == {uuid: "node1"}
    assert cloud.findings() == []


def test_one_take_of_a_run_succeeds(cloud: Cloud) -> None:
    victim = cloud.process(serve=False)
    gate = Gate()
    cloud.hosts.script("build", gate)
    uuid = cloud.create(victim).uuids[0]
    assert gate.reached.wait(10)
    with cloud.databases.read_cell(CELL1) as tx:
        (run,) = flow_runs.of_instance(tx, uuid)

    def take(number: int) -> bool:
        def write(tx: object) -> bool:
            return flow_runs.take(tx, run, f"heir-{number}")  # type: ignore[arg-type]

        return cloud.databases.run_cell(CELL1, write)

    tasks = [concurrency.spawn(take, number) for number in range(8)]
    assert sorted(task.wait(10) for task in tasks) == [False] * 7 + [True]
    # Who lost the run leaves everything as it is.
    gate.open.set()
    wait_for(lambda: victim.runner.active == 0, 10, "the former owner to let go")
    assert cloud.hosts.guests() == {uuid: "node1"}
    assert cloud.runs() == {uuid: "build"}
    cloud.process(serve=False, silence=0.0).runner.take_over()
    cloud.wait(uuid, VmState.ACTIVE)


def test_a_conductor_that_stops_hands_its_runs_over(cloud: Cloud) -> None:
    leaving = cloud.process(serve=False)
    cloud.hosts.kill("node1")
    cloud.hosts.kill("node2")
    uuid = cloud.create(leaving).uuids[0]
    wait_for(lambda: cloud.get(uuid).host, 10, "a host")
    leaving.stop()
    cloud.hosts.revive("node1")
    cloud.hosts.revive("node2")
    cloud.wait(uuid, VmState.ACTIVE, 30)


def test_two_actions_at_once_and_one_is_refused(cloud: Cloud) -> None:
    uuid = cloud.create().uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)

    def pause() -> str:
        try:
            cloud.clients.conductor.begin_action(
                a_context(), uuid=uuid, action=Action.PAUSE, params={}
            )
        except errors.InstanceStateConflict as error:
            return str(error.values["attr"])
        return "accepted"

    gate = Gate()
    cloud.hosts.script("pause", gate)
    tasks = [concurrency.spawn(pause) for _ in range(6)]
    answers = [task.wait(20) for task in tasks]
    gate.open.set()
    assert sorted(answers) == ["accepted"] + ["task_state"] * 5
    cloud.wait(uuid, VmState.PAUSED)
