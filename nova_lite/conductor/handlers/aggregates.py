# SPDX-License-Identifier: Apache-2.0
"""Host aggregates."""

from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import aggregates
from nova_lite.domain.aggregate import Aggregate


class AggregateHandlers:
    def __init__(self, deps: Deps) -> None:
        self._databases = deps.databases

    def list_aggregates(self, context: RequestContext) -> list[Aggregate]:
        with self._databases.read_api() as tx:
            return aggregates.list_aggregates(tx)
