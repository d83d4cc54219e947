# SPDX-License-Identifier: Apache-2.0
"""What users write about their servers: metadata and tags.

Each change reads, changes and writes in one transaction, so that two at the same time both
count."""

from typing import Final

from nova_lite.base.context import RequestContext
from nova_lite.conductor import limits
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.db.cell import instances
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.instance import TagChange
from nova_lite.domain.states import Action

MOST_TAGS: Final = 50


class DescriptionHandlers:
    def __init__(self, deps: Deps, cells: Cells) -> None:
        self._deps = deps
        self._cells = cells

    def change_metadata(
        self,
        context: RequestContext,
        *,
        uuid: str,
        changes: dict[str, str | None],
        replace: bool = False,
    ) -> dict[str, str]:
        cell, found = self._cells.find(context, uuid)
        lifecycle.check(Action.SET_METADATA, found.snapshot(), is_admin=context.is_admin)
        with self._deps.databases.read_api() as tx:
            project, _ = limits.of_project(tx, self._deps.conf, found.project_id)
        most = project["metadata_items"]

        def change(old: dict[str, str]) -> dict[str, str]:
            new = {**({} if replace else old), **changes}
            kept = {key: value for key, value in new.items() if value is not None}
            if 0 <= most < len(kept):
                raise errors.ResourceLimitExceeded(
                    f"Maximum number of metadata items exceeds {most}", resource="metadata_items"
                )
            return kept

        return self._deps.databases.run_cell(
            cell, lambda tx: instances.change_metadata(tx, uuid, change)
        )

    def change_tags(
        self,
        context: RequestContext,
        *,
        uuid: str,
        add: list[str],
        remove: list[str],
        replace: bool = False,
    ) -> TagChange:
        cell, found = self._cells.find(context, uuid)
        lifecycle.check(Action.SET_TAGS, found.snapshot(), is_admin=context.is_admin)

        def change(old: list[str]) -> list[str]:
            new = {*([] if replace else old), *add} - set(remove)
            if len(new) > MOST_TAGS:
                raise errors.Invalid(f"A server has at most {MOST_TAGS} tags")
            return sorted(new)

        before, after = self._deps.databases.run_cell(
            cell, lambda tx: instances.change_tags(tx, uuid, change)
        )
        return TagChange(before=before, after=after)
