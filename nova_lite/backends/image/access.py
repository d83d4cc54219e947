# SPDX-License-Identifier: Apache-2.0
"""Who may do what with an image of the local store: Glance's default rules. Pure.

An image that may not be seen is not found; one that may be seen but not changed is forbidden.
Members of shared images are not kept here, so a shared image is its owner's alone.
"""

from nova_lite.base.context import RequestContext
from nova_lite.domain.errors import Forbidden
from nova_lite.domain.image import Image

WRITERS = frozenset({"member", "manager", "admin"})
OPEN_TO_ALL = ("public", "community")


def is_visible(context: RequestContext, image: Image) -> bool:
    """Whether the caller may know that it is there."""
    return (
        context.is_admin
        or image.visibility in OPEN_TO_ALL
        or (image.owner is not None and image.owner == context.project_id)
    )


def is_listed(context: RequestContext, image: Image) -> bool:
    """Whether a plain list shows it: others' community images have to be asked for."""
    if image.visibility == "community" and not context.is_admin:
        return image.owner is not None and image.owner == context.project_id
    return is_visible(context, image)


def check_create(context: RequestContext, owner: str | None) -> None:
    """Raises Forbidden."""
    if context.is_admin:
        return
    if not WRITERS.intersection(context.roles):
        raise Forbidden("You are not authorized to complete add_image action.")
    if owner != context.project_id or owner is None:
        raise Forbidden("You are not permitted to create images owned by another project.")


def check_change(context: RequestContext, image: Image, action: str) -> None:
    """`action` is the name of the rule, for the message. Raises Forbidden."""
    if context.is_admin:
        return
    if image.owner != context.project_id or not WRITERS.intersection(context.roles):
        raise Forbidden(f"You are not authorized to complete {action} action.")


def check_visibility(context: RequestContext, visibility: str) -> None:
    """Only administrators publish. Raises Forbidden."""
    if visibility == "public" and not context.is_admin:
        raise Forbidden("You are not authorized to complete publicize_image action.")


def check_owner(context: RequestContext, owner: str | None) -> None:
    """Only administrators give images away. Raises Forbidden."""
    if not context.is_admin and owner != context.project_id:
        raise Forbidden("You are not permitted to change the owner of this image.")


def check_download(context: RequestContext, image: Image) -> None:
    """A deactivated image is for administrators. Raises Forbidden."""
    if image.status == "deactivated" and not context.is_admin:
        raise Forbidden(
            "The requested image has been deactivated. Image data download is forbidden."
        )
