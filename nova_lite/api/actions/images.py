# SPDX-License-Identifier: Apache-2.0
"""createImage and createBackup: the answer names an image that is there and waits for its data."""

from typing import Any, Final

from nova_lite.api.actions import policy
from nova_lite.api.request import Request
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.view import JsonSchema, View, closed
from nova_lite.domain import lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action

Body = dict[str, Any]


def create_image(request: Request, clients: Any, target: Instance, body: Body) -> str:
    """The id of the image."""
    lifecycle.check(Action.CREATE_IMAGE, target.snapshot(), is_admin=request.context.is_admin)
    if target.image_ref is None:
        owner = {"project_id": target.project_id, "user_id": target.user_id}
        request.authorize(policy.CREATE_IMAGE_OF_VOLUME, owner)
    given = body["createImage"]
    image_id: str = clients.conductor.create_image(
        request.context,
        uuid=target.uuid,
        name=given["name"],
        metadata=given.get("metadata", {}),
        limited=not request.has(Behaviour.NO_LIMIT_OF_IMAGE_METADATA),
    )
    return image_id


def create_backup(request: Request, clients: Any, target: Instance, body: Body) -> str | None:
    """The id of the image, None where rotation leaves none."""
    lifecycle.check(Action.CREATE_BACKUP, target.snapshot(), is_admin=request.context.is_admin)
    given = body["createBackup"]
    image_id: str | None = clients.conductor.create_backup(
        request.context,
        uuid=target.uuid,
        name=given["name"],
        backup_type=given["backup_type"],
        rotation=int(given["rotation"]),
        metadata=given.get("metadata", {}),
        limited=not request.has(Behaviour.NO_LIMIT_OF_IMAGE_METADATA),
    )
    return image_id


class ImageMade(View):
    """The id of a new image: in the body, or, before 2.45, at the end of the Location."""

    def render(self, request: Request, value: str | None) -> Body | None:
        if value is None or not request.has(Behaviour.IMAGE_ID_IN_BODY):
            return None
        return {"image_id": value}

    def location(self, request: Request, value: str | None) -> str | None:
        if value is None or request.has(Behaviour.IMAGE_ID_IN_BODY):
            return None
        return f"{request.links.images(request.conf.api.glance_link_prefix)}/{value}"

    def schema(self) -> JsonSchema:
        return closed({"image_id": {"type": "string", "format": "uuid"}})


IMAGE_MADE: Final = ImageMade()
