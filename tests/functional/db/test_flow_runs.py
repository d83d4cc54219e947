# SPDX-License-Identifier: Apache-2.0
from datetime import timedelta

import pytest
from msgspec.structs import replace

from nova_lite.base import clock, ids
from nova_lite.base.clock import ManualClock
from nova_lite.db.cell import actions, flow_runs
from nova_lite.db.databases import Databases
from nova_lite.domain import errors
from nova_lite.domain.events import ActionEvent, ActionQuery, InstanceAction
from nova_lite.domain.flow_run import FlowRun, Progress, Trouble
from nova_lite.domain.states import Action
from tests.fixtures.databases import CELL1


def run(**more: object) -> FlowRun:
    values = {
        "id": ids.new_uuid(),
        "instance_uuid": ids.new_uuid(),
        "flow": "build",
        "action": Action.CREATE,
        "before": "building",
        "request_id": "req-1",
        "owner": "me",
        "step": "claim",
        "deadline": clock.now() + timedelta(hours=1),
        "context": "{}",
        "progress": Progress(
            params={"networks": "auto"},
            results={"claim": {"host": "h"}},
            trouble=Trouble(code="x", message="m"),
        ),
        **more,
    }
    return FlowRun(**values)


def put(databases: Databases, *runs: FlowRun) -> None:
    with databases.cell(CELL1) as tx:
        flow_runs.insert(tx, runs)


def test_runs_come_back(databases: Databases, manual_clock: ManualClock) -> None:
    made = run()
    put(databases, made)
    with databases.read_cell(CELL1) as tx:
        found = flow_runs.get(tx, made.id)
    assert found is not None
    assert replace(found, created_at=None) == made


def test_runs_are_written_by_their_owner_while_nobody_stopped_them(databases: Databases) -> None:
    made = run()
    put(databases, made)
    with databases.cell(CELL1) as tx:
        assert flow_runs.advance(tx, replace(made, step="spawn", undoing=True))
        assert not flow_runs.advance(tx, replace(made, owner="another"))
        assert flow_runs.stop(tx, made.instance_uuid) == [made.id]
        assert not flow_runs.advance(tx, made)
        assert not flow_runs.delete(tx, made)
        told = replace(made, stop=True)
        assert flow_runs.advance(tx, told)
        assert flow_runs.exist(tx, [made.id, "x"]) == [made.id]
        assert flow_runs.delete(tx, told)
        assert flow_runs.get(tx, made.id) is None


def test_runs_of_silent_owners_are_orphans(databases: Databases, manual_clock: ManualClock) -> None:
    alive, silent, unheard, nobody = (
        run(owner=name) for name in ("alive", "silent", "unheard", flow_runs.NOBODY)
    )
    put(databases, alive, silent, unheard, nobody)
    with databases.cell(CELL1) as tx:
        flow_runs.beat(tx, "silent")
    manual_clock.advance(30)
    with databases.cell(CELL1) as tx:
        flow_runs.beat(tx, "alive")
        flow_runs.beat(tx, "alive")
        found = flow_runs.orphans(tx, clock.now() - timedelta(seconds=20), 10)
        assert {one.owner for one in found} == {"silent", "unheard", ""}
        assert flow_runs.take(tx, silent, "alive")
        assert not flow_runs.take(tx, silent, "another")
        assert flow_runs.first_owner(tx, clock.now() - timedelta(seconds=20)) == "alive"


def test_runs_are_handed_over(databases: Databases) -> None:
    put(databases, run(), run(), run(owner="another"))
    with databases.cell(CELL1) as tx:
        flow_runs.beat(tx, "me")
        flow_runs.beat(tx, "another")
        assert flow_runs.retire(tx, "me") == 2
        found = flow_runs.orphans(tx, clock.now() - timedelta(seconds=20), 10)
    assert {one.owner for one in found} == {flow_runs.NOBODY}


def test_owners_are_forgotten_when_they_have_no_runs(
    databases: Databases, manual_clock: ManualClock
) -> None:
    put(databases, run(owner="busy"))
    with databases.cell(CELL1) as tx:
        for name in ("busy", "idle"):
            flow_runs.beat(tx, name)
        manual_clock.advance(100)
        flow_runs.forget_owners(tx, clock.now() - timedelta(seconds=50))
        assert flow_runs.first_owner(tx, clock.now() - timedelta(hours=1)) == "busy"


# --- instance actions -----------------------------------------------------------------------------


def begun(uuid: str, number: int) -> InstanceAction:
    return InstanceAction(
        action="stop",
        instance_uuid=uuid,
        request_id=f"req-{number}",
        user_id="u",
        project_id="p",
        start_time=clock.now(),
    )


def test_actions_newest_first_and_in_pages(databases: Databases) -> None:
    uuid = ids.new_uuid()
    with databases.cell(CELL1) as tx:
        actions.insert(tx, [begun(uuid, number) for number in range(5)])
        actions.insert(tx, [begun(ids.new_uuid(), 9)])
        query = ActionQuery(instance_uuid=uuid, limit=2)
        assert [a.request_id for a in actions.page(tx, query)] == ["req-4", "req-3"]
        query = ActionQuery(instance_uuid=uuid, marker="req-3")
        assert [a.request_id for a in actions.page(tx, query)] == ["req-2", "req-1", "req-0"]
        with pytest.raises(errors.MarkerNotFound):
            actions.page(tx, ActionQuery(instance_uuid=uuid, marker="req-9"))


def test_actions_changed_since(databases: Databases, manual_clock: ManualClock) -> None:
    uuid = ids.new_uuid()
    with databases.cell(CELL1) as tx:
        actions.insert(tx, [begun(uuid, 1)])
        manual_clock.advance(60)
        between = clock.now()
        manual_clock.advance(60)
        actions.insert(tx, [begun(uuid, 2)])
        since = ActionQuery(instance_uuid=uuid, changes_since=between)
        assert [a.request_id for a in actions.page(tx, since)] == ["req-2"]
        actions.finish(tx, uuid, "req-1", [], "failed")
        assert len(actions.page(tx, since)) == 2
        before = ActionQuery(instance_uuid=uuid, changes_before=between)
        assert actions.page(tx, before) == []


def test_actions_with_events(databases: Databases) -> None:
    uuid = ids.new_uuid()
    event = ActionEvent(
        event="compute_stop_instance",
        start_time=clock.now(),
        finish_time=clock.now(),
        result="Error",
        host="h",
        traceback="t",
        details="d",
    )
    with databases.cell(CELL1) as tx:
        actions.insert(tx, [begun(uuid, 1)])
        actions.finish(tx, uuid, "req-1", [event], "it failed")
        found = actions.get(tx, uuid, "req-1")
        assert found.events == [event]
        assert found.message == "it failed"
        with pytest.raises(errors.InstanceActionNotFound):
            actions.get(tx, uuid, "req-2")
