# SPDX-License-Identifier: Apache-2.0
"""What servers used."""

import heapq
import itertools
import logging

from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.db.cell import usage
from nova_lite.domain import errors
from nova_lite.domain.usage import ServerUsage, UsageQuery

LOG = logging.getLogger(__name__)


class UsageHandlers:
    def __init__(self, deps: Deps) -> None:
        self._databases = deps.databases

    def list_usage(self, context: RequestContext, *, query: UsageQuery) -> list[ServerUsage]:
        """A cell that does not answer is left out: what it used is not known now."""
        if not context.is_admin and query.project_id != context.project_id:
            return []
        pages = []
        for cell in self._databases.compute_cells():
            try:
                with self._databases.read_cell(cell) as tx:
                    pages.append(usage.page(tx, query))
            except errors.DatabaseUnavailable as error:
                LOG.warning("cell %s: its usage is missing: %s", cell.name or cell.uuid, error)
        merged = heapq.merge(*pages, key=lambda server: server.uuid)
        return list(itertools.islice(merged, query.limit))
