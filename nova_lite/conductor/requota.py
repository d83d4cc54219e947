# SPDX-License-Identifier: Apache-2.0
"""Quota of servers that are deleted but can come back: given back now, taken again by restore."""

from collections.abc import Iterator
from contextlib import contextmanager

from nova_lite.base.context import RequestContext
from nova_lite.conductor import limits
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import instance_mappings, quotas
from nova_lite.db.engine import Tx
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action


@contextmanager
def around(deps: Deps, context: RequestContext, action: Action, found: Instance) -> Iterator[None]:
    """A restored server counts again before it is touched. Raises OverQuota. When the action
    is refused after all, it does not count."""
    if action is not Action.RESTORE:
        yield
        return
    took = deps.databases.run_api(lambda tx: _take(tx, deps, found), idempotent=True)
    try:
        yield
    except BaseException:
        if took:
            deps.databases.run_api(lambda tx: give_back(tx, found.uuid), idempotent=True)
        raise


def _take(tx: Tx, deps: Deps, found: Instance) -> bool:
    mapping = instance_mappings.mark_restored(tx, found.uuid)
    if mapping is None:
        return False
    of_project, _ = limits.of_project(tx, deps.conf, mapping.project_id)
    quotas.consume(tx, mapping.project_id, mapping.amounts, of_project)
    return True


def give_back(tx: Tx, uuid: str) -> None:
    """The server does not count any more; once more does nothing."""
    mapping = instance_mappings.mark_deleted(tx, uuid)
    if mapping is not None:
        quotas.release(tx, mapping.project_id, mapping.amounts)
