# SPDX-License-Identifier: Apache-2.0
"""What is refused of an action before it begins, beside what the life-cycle table refuses.

A check raises: Invalid and its kind, as a rule. It writes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.db.api import aggregates, cells
from nova_lite.domain import errors, shelving
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action, VmState

Check = Callable[[Deps, RequestContext, Instance, Mapping[str, Any]], None]


def _rescue(
    deps: Deps, context: RequestContext, found: Instance, params: Mapping[str, Any]
) -> None:
    if found.image_ref is None:
        raise errors.InstanceNotRescuable(
            instance_id=found.uuid, reason="Cannot rescue a volume-backed instance"
        )
    wanted = params.get("image_ref")
    if wanted is None:
        return
    try:
        image = deps.image.get(context, wanted)
    except errors.ImageNotFound:
        raise errors.Invalid("Can not find requested image") from None
    if image.status != "active":
        raise errors.ImageNotActive(image_id=image.id)


def _create_image(
    deps: Deps, context: RequestContext, found: Instance, params: Mapping[str, Any]
) -> None:
    if found.image_ref is None:
        raise errors.Invalid("Images of servers that boot from a volume cannot be made yet.")


def _create_backup(
    deps: Deps, context: RequestContext, found: Instance, params: Mapping[str, Any]
) -> None:
    if found.image_ref is None:
        raise errors.Invalid("Backup is not supported for volume-backed instances.")


def _unshelve(
    deps: Deps, context: RequestContext, found: Instance, params: Mapping[str, Any]
) -> None:
    zone, host = params.get("availability_zone"), params.get("host")
    if params and found.vm_state is not VmState.SHELVED_OFFLOADED:
        raise errors.Conflict(
            f"Specifying an availability zone or a host when unshelving server {found.uuid} with "
            f"status {found.vm_state} is not supported. The server must be SHELVED_OFFLOADED."
        )
    if zone is None and host is None:
        return
    default = deps.conf.default_availability_zone
    with deps.databases.read_api() as tx:
        by_host = aggregates.zones(tx)
        zones = {name: by_host.get(name, default) for name in cells.list_hosts(tx)}
    if zone is not None and zone not in zones.values():
        raise errors.Invalid("The requested availability zone is not available")
    if host is None:
        return
    if host not in zones:
        raise errors.Invalid(f"Compute host {host} could not be found.")
    pinned = shelving.wanted_zone(found, params)
    if pinned is not None and zones[host] != pinned:
        raise errors.Conflict(f'Host "{host}" is not in the availability zone "{pinned}".')


TABLE: Final[Mapping[Action, Check]] = {
    Action.UNSHELVE: _unshelve,
    Action.CREATE_IMAGE: _create_image,
    Action.CREATE_BACKUP: _create_backup,
    Action.RESCUE: _rescue,
}
