# SPDX-License-Identifier: Apache-2.0
"""Server groups. A project sees its own; administrators those of every project."""

import msgspec

from nova_lite.base.context import RequestContext
from nova_lite.conductor import limits
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import groups
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, quota
from nova_lite.domain.group import GroupQuery, ServerGroup


class GroupHandlers:
    def __init__(self, deps: Deps) -> None:
        self._conf = deps.conf
        self._databases = deps.databases

    def list_groups(self, context: RequestContext, *, query: GroupQuery) -> list[ServerGroup]:
        if not context.is_admin and query.project_id != context.project_id:
            query = msgspec.structs.replace(query, project_id=context.project_id or "")
        with self._databases.read_api() as tx:
            return groups.list_groups(tx, query)

    def get_group(self, context: RequestContext, *, uuid: str) -> ServerGroup:
        with self._databases.read_api() as tx:
            return groups.get(tx, uuid, _seen_by(context))

    def create_group(self, context: RequestContext, *, group: ServerGroup) -> ServerGroup:
        """Checks the quota `server_groups` before and after, as key pairs are."""
        if not context.is_admin and group.project_id != context.project_id:
            raise errors.Forbidden()

        def write(tx: Tx) -> ServerGroup:
            if self._over(tx, group, 1):
                raise _too_many()
            groups.create(tx, group)
            return groups.get(tx, group.uuid)

        made = self._databases.run_api(write)
        with self._databases.read_api() as tx:
            crowded = self._over(tx, group, 0)
        if crowded:
            self._databases.run_api(lambda tx: groups.delete(tx, group.uuid))
            raise _too_many()
        return made

    def _over(self, tx: Tx, group: ServerGroup, more: int) -> bool:
        """Are there, with so many more, too many groups in the project, or of the user in it?"""
        project, user = limits.of_project(tx, self._conf, group.project_id, group.user_id)
        limit, own = project["server_groups"], user.get("server_groups", quota.UNLIMITED)
        if 0 <= limit < groups.count(tx, group.project_id) + more:
            return True
        return 0 <= own < groups.count(tx, group.project_id, group.user_id) + more

    def delete_group(self, context: RequestContext, *, uuid: str) -> None:
        self._databases.run_api(lambda tx: groups.delete(tx, uuid, _seen_by(context)))


def _seen_by(context: RequestContext) -> str | None:
    """The project whose eyes count; None = sees all."""
    return None if context.is_admin else context.project_id or ""


def _too_many() -> errors.ResourceLimitExceeded:
    return errors.ResourceLimitExceeded(
        "Quota exceeded, too many server groups.", resource="server_groups"
    )
