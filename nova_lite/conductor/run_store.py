# SPDX-License-Identifier: Apache-2.0
"""Where runs are recorded: the cell database, one transaction a step."""

import logging
from typing import Final

from msgspec import UNSET, structs

from nova_lite.base import clock
from nova_lite.conductor.run import Done, Lost, Run
from nova_lite.db.cell import actions, faults, flow_runs, instances
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.brief import brief
from nova_lite.domain.flow_run import FlowRun, Progress, Trouble
from nova_lite.domain.instance import Fault, Instance, InstancePatch

LOG = logging.getLogger(__name__)

# The code of a fault, by the family of its error; 500 for all others.
FAULT_CODES: Final[tuple[tuple[type[errors.NovaLiteError], int], ...]] = (
    (errors.NotFound, 404),
    (errors.Invalid, 400),
    (errors.Forbidden, 403),
    (errors.Conflict, 409),
)
ATTEMPTS: Final = "attempts"  # the value of MaxRetriesExceeded
# What of an error's values is kept with the fault, for `explain`.
KEPT_VALUES: Final = ("reason", "verdicts", "counts", "considered", "checks")


class RunStore:
    """A `Store`. The instance is written first and the run last, in every transaction."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    def advance(self, run: Run, record: FlowRun, done: Done) -> None:
        def write(tx: Tx) -> None:
            if done.write is not None:
                done.write(tx)
            _patch(tx, run, done.patch)
            if not flow_runs.advance(tx, record):
                raise Lost

        self._databases.run_cell(run.cell, write, idempotent=True)
        run.record = record
        run.instance = patched(run.instance, done.patch)

    def finish(self, run: Run, progress: Progress, done: Done) -> None:
        record, trouble = run.record, progress.trouble
        message = "Superseded by another action" if record.stop else None
        uuid = run.instance.uuid
        if trouble is not None:
            message = brief(trouble.message)

        def write(tx: Tx) -> None:
            if done.write is not None:
                done.write(tx)
            if record.stop and done.patch is not None:
                # Who took the server over may have deleted it already.
                instances.patch(tx, [uuid], done.patch)
            elif not record.stop:
                _patch(tx, run, done.patch, fault=trouble is not None)
            if trouble is not None and not record.stop:
                faults.insert(tx, uuid, fault_of(trouble), _kept(trouble))
            actions.finish(tx, record.instance_uuid, record.request_id, progress.events, message)
            if not flow_runs.delete(tx, record):
                raise Lost

        self._databases.run_cell(run.cell, write, idempotent=True)
        run.record.progress = progress
        run.instance = patched(run.instance, done.patch)

    def check(self, run: Run) -> None:
        with self._databases.read_cell(run.cell) as tx:
            found = flow_runs.get(tx, run.record.id)
        if found is None or found.owner != run.record.owner or found.stop != run.record.stop:
            raise Lost

    def stopped(self, run: Run) -> bool:
        with self._databases.read_cell(run.cell) as tx:
            found = flow_runs.get(tx, run.record.id)
        if found is None or found.owner != run.record.owner:
            return False
        if found.stop and not run.record.stop:
            return True
        LOG.warning("%s: the server of a run is gone, the run is forgotten", run.instance.uuid)
        self._databases.run_cell(run.cell, lambda tx: flow_runs.drop(tx, run.record.id))
        return False


def _patch(tx: Tx, run: Run, patch: InstancePatch | None, *, fault: bool = False) -> None:
    if patch is None and not fault:
        return
    if not instances.patch(tx, [run.instance.uuid], patch or InstancePatch(), fault=fault):
        raise Lost


def patched(instance: Instance, patch: InstancePatch | None) -> Instance:
    """The value as it is after a patch."""
    if patch is None:
        return instance
    changes = {name: getattr(patch, name) for name in patch.__struct_fields__}
    return structs.replace(instance, **{k: v for k, v in changes.items() if v is not UNSET})


def fault_of(trouble: Trouble) -> Fault:
    """What users see of it. What there was no room for is in the details."""
    cls = errors.all_errors().get(trouble.code, errors.NovaLiteError)
    code = next((code for family, code in FAULT_CODES if issubclass(cls, family)), 500)
    return Fault(
        code=code,
        message=trouble.message,
        created_at=clock.now(),
        details=_details(trouble),
    )


def _details(trouble: Trouble) -> str | None:
    parts = [] if brief(trouble.message) == trouble.message else [trouble.message]
    parts += trouble.values.get(ATTEMPTS, [])
    if trouble.details:
        parts.append(trouble.details)
    return "\n".join(parts) or None


def _kept(trouble: Trouble) -> dict[str, object]:
    return {name: trouble.values[name] for name in KEPT_VALUES if name in trouble.values}
