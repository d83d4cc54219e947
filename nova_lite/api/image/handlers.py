# SPDX-License-Identifier: Apache-2.0
"""What the calls about images do."""

from msgspec.structs import replace

from nova_lite.api.image import patch, query, schema, view
from nova_lite.api.image.call import Call, Reply
from nova_lite.base import ids
from nova_lite.domain.errors import NotFound
from nova_lite.domain.image import Image


def index(call: Call) -> Reply:
    """GET /v2/images"""
    wanted = query.read(call.query)
    found = call.images.query(call.context, wanted)
    body = {
        "images": [view.detail(image) for image in found],
        "first": query.first_page(call.query),
        "schema": "/v2/schemas/images",
    }
    if found and len(found) == wanted.limit:
        body["next"] = query.next_page(call.query, found[-1].id)
    return Reply(status=200, content=body)


def create(call: Call) -> Reply:
    """POST /v2/images"""
    schema.check_create(call.body)
    wanted = dict(call.body)
    # shared is the default of the API: the owner's alone until there are members
    fresh = Image(id=wanted.pop("id", None) or ids.new_uuid(), visibility="shared")
    image = call.images.create(call.context, view.with_fields(fresh, wanted))
    where = call.url(f"{query.PATH}/{image.id}")
    return Reply(status=201, content=view.detail(image), headers={"Location": where})


def show(call: Call) -> Reply:
    """GET /v2/images/{id}"""
    return Reply(status=200, content=view.detail(call.images.get(call.context, call.image_id)))


def update(call: Call) -> Reply:
    """PATCH /v2/images/{id}"""
    schema.check_patch(call.body)
    image = call.images.alter(
        call.context, call.image_id, lambda image: patch.apply(image, call.body)
    )
    return Reply(status=200, content=view.detail(image))


def delete(call: Call) -> Reply:
    """DELETE /v2/images/{id}"""
    call.images.delete(call.context, call.image_id)
    return Reply(status=204)


def deactivate(call: Call) -> Reply:
    """POST /v2/images/{id}/actions/deactivate"""
    call.images.set_active(call.context, call.image_id, False)
    return Reply(status=204)


def reactivate(call: Call) -> Reply:
    """POST /v2/images/{id}/actions/reactivate"""
    call.images.set_active(call.context, call.image_id, True)
    return Reply(status=204)


def add_tag(call: Call) -> Reply:
    """PUT /v2/images/{id}/tags/{tag}"""

    def change(image: Image) -> Image:
        tags = list(dict.fromkeys([*image.tags, call.params["tag"]]))
        schema.check_fields({"tags": tags})
        return replace(image, tags=tags)

    call.images.alter(call.context, call.image_id, change)
    return Reply(status=204)


def remove_tag(call: Call) -> Reply:
    """DELETE /v2/images/{id}/tags/{tag}"""
    tag = call.params["tag"]

    def change(image: Image) -> Image:
        if tag not in image.tags:
            raise NotFound(f"Image {image.id} has no tag {tag}.")
        return replace(image, tags=[each for each in image.tags if each != tag])

    call.images.alter(call.context, call.image_id, change)
    return Reply(status=204)


def image_schema(call: Call) -> Reply:
    """GET /v2/schemas/image"""
    return Reply(status=200, content=schema.IMAGE)


def images_schema(call: Call) -> Reply:
    """GET /v2/schemas/images"""
    return Reply(status=200, content=schema.IMAGES)
