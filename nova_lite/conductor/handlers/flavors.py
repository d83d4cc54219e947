# SPDX-License-Identifier: Apache-2.0
"""Flavors, their extra specs, and which projects may use the private ones."""

from collections.abc import Callable

import msgspec

from nova_lite.base import clock, ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import flavors
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.flavor import Flavor, FlavorAccess, FlavorQuery


class FlavorHandlers:
    def __init__(self, deps: Deps) -> None:
        self._databases = deps.databases

    def list_flavors(self, context: RequestContext, *, query: FlavorQuery) -> list[Flavor]:
        if not context.is_admin and query.is_public is not True:
            query = msgspec.structs.replace(query, is_public=True)
        with self._databases.read_api() as tx:
            return flavors.list_flavors(tx, query, context.project_id or "")

    def get_flavor(self, context: RequestContext, *, flavorid: str) -> Flavor:
        with self._databases.read_api() as tx:
            return flavors.get(tx, flavorid, _seen_by(context))

    def create_flavor(self, context: RequestContext, *, flavor: Flavor) -> Flavor:
        """A private flavor is granted to nobody yet."""
        flavor = msgspec.structs.replace(
            flavor, flavorid=flavor.flavorid or ids.new_uuid(), created_at=clock.now()
        )
        number = self._databases.run_api(lambda tx: flavors.create(tx, flavor))
        return msgspec.structs.replace(flavor, id=number)

    def update_flavor(
        self, context: RequestContext, *, flavorid: str, description: str | None
    ) -> Flavor:
        def write(tx: Tx) -> Flavor:
            flavors.update(tx, flavorid, description)
            return flavors.get(tx, flavorid)

        return self._databases.run_api(write, idempotent=True)

    def delete_flavor(self, context: RequestContext, *, flavorid: str) -> None:
        self._databases.run_api(lambda tx: flavors.delete(tx, flavorid))

    # --- extra specs ------------------------------------------------------------------------

    def set_extra_specs(
        self, context: RequestContext, *, flavorid: str, specs: dict[str, str]
    ) -> dict[str, str]:
        def write(tx: Tx) -> dict[str, str]:
            flavors.set_extra_specs(tx, flavors.get(tx, flavorid), specs)
            return flavors.get(tx, flavorid).extra_specs

        return self._databases.run_api(write, idempotent=True)

    def delete_extra_spec(self, context: RequestContext, *, flavorid: str, key: str) -> None:
        self._databases.run_api(
            lambda tx: flavors.delete_extra_spec(tx, flavors.get(tx, flavorid), key)
        )

    # --- access -----------------------------------------------------------------------------

    def list_flavor_access(self, context: RequestContext, *, flavorid: str) -> list[FlavorAccess]:
        """Raises NotFound for a public flavor: it has no list."""
        with self._databases.read_api() as tx:
            flavor = flavors.get(tx, flavorid, _seen_by(context))
            if flavor.is_public:
                raise errors.NotFound("Access list not available for public flavors.")
            return flavors.list_access(tx, flavor)

    def add_flavor_access(
        self, context: RequestContext, *, flavorid: str, project_id: str
    ) -> list[FlavorAccess]:
        """Raises Conflict for a public flavor, FlavorAccessExists."""
        return self._change_access(flavorid, flavors.grant, project_id, "add")

    def remove_flavor_access(
        self, context: RequestContext, *, flavorid: str, project_id: str
    ) -> list[FlavorAccess]:
        """Raises Conflict for a public flavor, FlavorAccessNotFound."""
        return self._change_access(flavorid, flavors.revoke, project_id, "remove")

    def _change_access(
        self, flavorid: str, change: Callable[[Tx, Flavor, str], None], project_id: str, verb: str
    ) -> list[FlavorAccess]:
        def write(tx: Tx) -> list[FlavorAccess]:
            flavor = flavors.get(tx, flavorid)
            if flavor.is_public and change is flavors.grant:
                raise errors.Conflict(f"Can not {verb} access to a public flavor.")
            change(tx, flavor, project_id)
            return flavors.list_access(tx, flavor)

        return self._databases.run_api(write)


def _seen_by(context: RequestContext) -> str | None:
    """The project whose eyes count; None = sees all."""
    return None if context.is_admin else context.project_id or ""
