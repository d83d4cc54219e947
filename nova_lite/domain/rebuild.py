# SPDX-License-Identifier: Apache-2.0
"""What has to be true before a server is rebuilt, and what is written of it then. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from nova_lite.domain import build, errors
from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance, InstancePatch
from nova_lite.domain.keypair import Keypair
from nova_lite.domain.request import RebuildServer, RequestSpec

# Of the server, what goes with its image. A config drive may have come with the rebuild.
OF_IMAGE: Final = ("image_ref", "image_properties", "kernel_id", "ramdisk_id", "config_drive")
# Of the request, what is written as it is.
PLAIN: Final = (
    *("display_name", "description", "hostname", "user_data", "metadata", "auto_disk_config"),
    *("access_ip_v4", "access_ip_v6", "trusted_certs"),
)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked up. limits: of metadata_items and injected files; keypair: the one that
    the request names; name_taken: by another server in the name's scope."""

    image: Image
    keypair: Keypair | None = None
    limits: Mapping[str, int] = {}
    name_taken: bool = False


def problems(
    request: RebuildServer, server: Instance, facts: Facts
) -> Iterator[errors.NovaLiteError]:
    """Everything that is wrong, in the order in which it is told. The image that the server has
    already is not looked at again: it fitted."""
    if server.image_ref is None:
        yield errors.Invalid("Unable to rebuild a server that boots from a volume.")
    if request.image_ref != server.image_ref:
        yield from build.image_problems(
            facts.image,
            server.flavor,
            auto_disk_config=request.auto_disk_config is True,
            from_volume=False,
        )
    elif facts.image.status != "active":
        yield errors.ImageNotActive(image_id=facts.image.id)
    if request.key_name not in (None, UNSET) and facts.keypair is None:
        yield errors.Invalid("Invalid key_name provided.")
    metadata = {} if request.metadata is UNSET else request.metadata
    yield from build.size_problems(metadata, request.personality, facts.limits)
    if facts.name_taken:
        yield errors.InstanceExists(name=request.display_name)


def patch_of(request: RebuildServer, server: Instance, facts: Facts) -> InstancePatch:
    """What is written when the rebuild begins."""
    values: dict[str, Any] = {name: getattr(request, name) for name in PLAIN}
    if request.image_ref != server.image_ref:
        properties = build.image_properties(facts.image)
        values |= {
            "image_ref": request.image_ref,
            "image_properties": properties,
            "kernel_id": properties.get("kernel_id"),
            "ramdisk_id": properties.get("ramdisk_id"),
        }
        if build.wants_drive(properties):
            values["config_drive"] = True
    if request.personality:
        values["config_drive"] = True  # they are put there
    if request.key_name is not UNSET:
        keypair = facts.keypair
        values |= {
            "key_name": request.key_name,
            "key_data": keypair.public_key if keypair else None,
            "key_type": keypair.type if keypair else None,
        }
    return InstancePatch(**values, progress=0)


def image_of(server: Instance) -> dict[str, Any]:
    """What the server has of its image, to be written back if need be."""
    return {name: getattr(server, name) for name in OF_IMAGE}


def spec_with_image(spec: RequestSpec, properties: dict[str, str]) -> RequestSpec:
    """What placing the server needs with an image of these properties."""
    required, forbidden = build.traits(spec.flavor, properties)
    return msgspec.structs.replace(
        spec,
        image_properties=properties,
        required_traits=required,
        forbidden_traits=forbidden,
    )
