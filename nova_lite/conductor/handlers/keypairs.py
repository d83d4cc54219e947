# SPDX-License-Identifier: Apache-2.0
"""Key pairs. A user sees its own; administrators those of any user."""

from nova_lite.base.context import RequestContext
from nova_lite.conductor import limits
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import keypairs
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.keypair import Keypair, KeypairQuery


class KeypairHandlers:
    def __init__(self, deps: Deps) -> None:
        self._conf = deps.conf
        self._databases = deps.databases

    def list_keypairs(self, context: RequestContext, *, query: KeypairQuery) -> list[Keypair]:
        if not _may_see(context, query.user_id):
            return []
        with self._databases.read_api() as tx:
            return keypairs.list_keypairs(tx, query)

    def get_keypair(self, context: RequestContext, *, user_id: str, name: str) -> Keypair:
        if not _may_see(context, user_id):
            raise errors.KeypairNotFound(name=name, user_id=user_id)
        with self._databases.read_api() as tx:
            return keypairs.get(tx, user_id, name)

    def create_keypair(self, context: RequestContext, *, keypair: Keypair) -> Keypair:
        """The limit is looked at before and after: of two that both took the last place, both
        may be refused, but never is there one too many."""
        if not _may_see(context, keypair.user_id):
            raise errors.Forbidden()
        limit = -1

        def write(tx: Tx) -> Keypair:
            nonlocal limit
            project, user = limits.of_project(
                tx, self._conf, context.project_id or "", keypair.user_id
            )
            limit = user.get("key_pairs", project["key_pairs"])
            if 0 <= limit <= keypairs.count(tx, keypair.user_id):
                raise _too_many()
            keypairs.create(tx, keypair)
            return keypairs.get(tx, keypair.user_id, keypair.name)

        made = self._databases.run_api(write)
        with self._databases.read_api() as tx:
            crowded = 0 <= limit < keypairs.count(tx, keypair.user_id)
        if crowded:
            self._databases.run_api(lambda tx: keypairs.delete(tx, made.user_id, made.name))
            raise _too_many()
        return made

    def delete_keypair(self, context: RequestContext, *, user_id: str, name: str) -> None:
        if not _may_see(context, user_id):
            raise errors.KeypairNotFound(name=name, user_id=user_id)
        self._databases.run_api(lambda tx: keypairs.delete(tx, user_id, name))


def _may_see(context: RequestContext, user_id: str) -> bool:
    return context.is_admin or context.user_id == user_id


def _too_many() -> errors.ResourceLimitExceeded:
    return errors.ResourceLimitExceeded("Quota exceeded, too many key pairs.", resource="key_pairs")
