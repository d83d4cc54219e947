# SPDX-License-Identifier: Apache-2.0
"""What is refused of an action before it begins, beside what the life-cycle table refuses.

A check raises: Invalid and its kind, as a rule. It writes nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

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


TABLE: Final[Mapping[Action, Check]] = {
    Action.CREATE_IMAGE: _create_image,
    Action.CREATE_BACKUP: _create_backup,
    Action.RESCUE: _rescue,
}
