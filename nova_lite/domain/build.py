# SPDX-License-Identifier: Apache-2.0
"""What has to be true before servers are created, and what they will be like. Pure.

`problems` gives everything that is wrong with a request, in the order in which users are told;
`plan` turns a sound request into values.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from nova_lite.domain import block_devices, errors, hardware, hostnames
from nova_lite.domain.block_devices import VolumeFacts
from nova_lite.domain.devices import BlockDevice
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.group import GroupPlacement
from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance
from nova_lite.domain.keypair import Keypair
from nova_lite.domain.request import CreateServers, RequestSpec
from nova_lite.domain.states import TaskState
from nova_lite.domain.topology import arrange

GIB: Final = 2**30
MAX_SWAP_UNIT: Final = 1024
# Kept with the server although the image service has them as fields of their own.
IMAGE_FIELDS: Final = ("min_ram", "min_disk", "disk_format", "container_format")


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked up for a request. `image` also when it is the one a volume is made of.

    zones: names of the zones with compute hosts; limits: of metadata_items and injected files;
    force_config_drive: every server has one; most_local_disks: -1 for any number;
    group_members: how many the group has now; name_taken: by a server in the name's scope.
    """

    flavor: Flavor
    image: Image | None = None
    keypair: Keypair | None = None
    group: GroupPlacement | None = None
    group_members: int = 0
    volumes: Mapping[str, VolumeFacts] = {}
    zones: frozenset[str] = frozenset()
    hosts: frozenset[str] | None = None
    limits: Mapping[str, int] = {}
    name_taken: bool = False
    default_zone: str | None = None
    force_config_drive: bool = False
    most_local_disks: int = -1


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """What all servers of a request have in common."""

    instance: Instance
    spec: RequestSpec
    devices: list[BlockDevice]


def check(request: CreateServers, facts: Facts) -> None:
    """Raise the first problem."""
    for problem in problems(request, facts):
        raise problem


def problems(request: CreateServers, facts: Facts) -> Iterator[errors.NovaLiteError]:
    """Everything that is wrong, in the order in which it is told."""
    yield from _flavor_problems(request, facts)
    yield from block_devices.problems(
        *(request, facts.flavor, facts.volumes, facts.most_local_disks),
    )
    yield from _image_problems(request, facts)
    if request.key_name is not None and facts.keypair is None:
        yield errors.Invalid("Invalid key_name provided.")
    yield from _place_problems(request, facts)
    yield from _limit_problems(request, facts)
    if request.hostname is not None and request.max_count > 1:
        yield errors.Invalid("Unable to allocate a single hostname to multiple instances")
    if facts.name_taken:
        yield errors.InstanceExists(name=request.name)


def _flavor_problems(request: CreateServers, facts: Facts) -> Iterator[errors.NovaLiteError]:
    if facts.flavor.disabled:
        yield errors.Invalid(f"Flavor {request.flavor_ref} could not be found.")
    if request.check_zero_disk and facts.flavor.root_gb == 0:
        if not block_devices.boots_from_volume(request):
            yield errors.Forbidden(
                "Only volume-backed servers are allowed for flavors with zero disk."
            )
    try:
        arrange(facts.flavor.vcpus, facts.flavor.extra_specs, image_properties(facts.image))
    except ValueError as error:
        yield errors.Invalid(f"The CPU topology cannot be had: {error}")


def _image_problems(request: CreateServers, facts: Facts) -> Iterator[errors.NovaLiteError]:
    if facts.image is not None:
        yield from image_problems(
            facts.image,
            facts.flavor,
            auto_disk_config=bool(request.auto_disk_config),
            from_volume=block_devices.boots_from_volume(request),
        )
    elif not block_devices.boots_from_volume(request):
        yield errors.Invalid("Invalid imageRef provided.")


def image_problems(
    image: Image, flavor: Flavor, *, auto_disk_config: bool, from_volume: bool
) -> Iterator[errors.NovaLiteError]:
    """Why a server of this flavor cannot be made of the image."""
    if image.status != "active":
        yield errors.ImageNotActive(image_id=image.id)
    if image.min_ram > flavor.memory_mb:
        yield errors.FlavorTooSmall("Flavor's memory is too small for requested image.")
    if auto_disk_config and image.properties.get("auto_disk_config", "").lower() in (
        *("false", "disabled", "0"),
    ):
        yield errors.Invalid(f"Requested image {image.id} has automatic disk resize disabled.")
    if flavor.root_gb == 0 or from_volume:
        return
    has = flavor.root_gb * GIB
    size = image.size or 0
    if size > has:
        yield errors.FlavorTooSmall(
            "Flavor's disk is too small for requested image. "
            f"Flavor disk is {has} bytes, image is {size} bytes."
        )
    if image.min_disk > flavor.root_gb:
        yield errors.FlavorTooSmall(
            "Flavor's disk is smaller than the minimum size specified in image metadata. "
            f"Flavor disk is {has} bytes, minimum size is {image.min_disk * GIB} bytes."
        )


def _place_problems(request: CreateServers, facts: Facts) -> Iterator[errors.NovaLiteError]:
    zone = request.availability_zone
    if zone is not None and zone not in facts.zones:
        yield errors.Invalid("The requested availability zone is not available")
    wanted = request.requested_host
    if wanted is not None and facts.hosts is not None and wanted not in facts.hosts:
        yield errors.Invalid(f"Compute host {wanted} could not be found.")
    if "group" in request.scheduler_hints and facts.group is None:
        yield errors.Invalid(
            f"Instance group {request.scheduler_hints['group']} could not be found."
        )


def _limit_problems(request: CreateServers, facts: Facts) -> Iterator[errors.NovaLiteError]:
    yield from size_problems(request.metadata, request.personality, facts.limits)
    most = facts.limits.get("server_group_members", -1)
    if facts.group is not None and 0 <= most < facts.group_members + 1:
        yield errors.ResourceLimitExceeded(
            "Quota exceeded, too many servers in group", resource="server_group_members"
        )


def size_problems(
    metadata: Mapping[str, str],
    personality: Sequence[Mapping[str, str]],
    limits: Mapping[str, int],
) -> Iterator[errors.NovaLiteError]:
    """More metadata or files than the quota allows for one server."""

    def exceeds(name: str, amount: int) -> bool:
        limit = limits.get(name, -1)
        return 0 <= limit < amount

    if exceeds("metadata_items", len(metadata)):
        yield errors.ResourceLimitExceeded(
            f"Maximum number of metadata items exceeds {limits['metadata_items']}",
            resource="metadata_items",
        )
    if exceeds("injected_files", len(personality)):
        yield errors.ResourceLimitExceeded(
            "Personality file limit exceeded", resource="injected_files"
        )
    for file in personality:
        if exceeds("injected_file_path_bytes", len(file.get("path", "").encode())):
            yield errors.ResourceLimitExceeded(
                f"Personality file path exceeds maximum {limits['injected_file_path_bytes']}",
                resource="injected_file_path_bytes",
            )
        if exceeds("injected_file_content_bytes", _decoded_size(file.get("contents", ""))):
            yield errors.ResourceLimitExceeded(
                f"Personality file content exceeds maximum {limits['injected_file_content_bytes']}",
                resource="injected_file_content_bytes",
            )


def _decoded_size(text: str) -> int:
    """Bytes of base64 text."""
    return len(text.strip()) * 3 // 4 - text.strip()[-2:].count("=")


# --- what it will be like -----------------------------------------------------------------------


def plan(
    request: CreateServers, facts: Facts, *, project_id: str, user_id: str, cell: str | None
) -> Template:
    """The values of a sound request. Names and uuids of single servers come with `expand`."""
    from_volume = block_devices.boots_from_volume(request)
    properties = image_properties(facts.image)
    image = facts.image
    instance = Instance(
        uuid="",
        project_id=project_id,
        user_id=user_id,
        display_name=request.name,
        flavor=facts.flavor,
        description=request.description,
        task_state=TaskState.SCHEDULING,
        availability_zone=None,
        pinned_availability_zone=request.availability_zone or facts.default_zone,
        image_ref=None if from_volume or image is None else image.id,
        image_properties=properties,
        kernel_id=properties.get("kernel_id"),
        ramdisk_id=properties.get("ramdisk_id"),
        key_name=request.key_name,
        key_data=facts.keypair.public_key if facts.keypair else None,
        key_type=facts.keypair.type if facts.keypair else None,
        user_data=request.user_data,
        config_drive=request.config_drive
        or facts.force_config_drive
        or bool(request.personality)
        or wants_drive(properties),
        metadata=request.metadata,
        tags=sorted(set(request.tags)),
        security_groups=request.security_groups or ["default"],
        auto_disk_config=_auto_disk_config(request, properties),
        access_ip_v4=request.access_ip_v4,
        access_ip_v6=request.access_ip_v6,
        trusted_certs=request.trusted_certs,
        scheduler_hints=request.scheduler_hints,
    )
    return Template(
        instance=instance,
        spec=_spec(request, facts, instance, from_volume, cell),
        devices=block_devices.devices_of(request, facts.image),
    )


def wants_drive(properties: Mapping[str, str]) -> bool:
    """Whether guests of this image need a config drive."""
    return properties.get("img_config_drive") == "mandatory"


def _auto_disk_config(request: CreateServers, properties: Mapping[str, str]) -> bool:
    if request.auto_disk_config is not None:
        return request.auto_disk_config
    return properties.get("auto_disk_config", "").lower() in ("true", "1", "yes")


def image_properties(image: Image | None) -> dict[str, str]:
    """What is kept of an image: its properties, and a few of its fields as text."""
    if image is None:
        return {}
    fields = {name: getattr(image, name) for name in IMAGE_FIELDS}
    return {**image.properties, **{k: str(v) for k, v in fields.items() if v is not None}}


def _spec(
    request: CreateServers,
    facts: Facts,
    instance: Instance,
    from_volume: bool,
    cell: str | None,
) -> RequestSpec:
    required, forbidden = traits(facts.flavor, instance.image_properties)
    return RequestSpec(
        project_id=instance.project_id,
        user_id=instance.user_id,
        flavor=facts.flavor,
        resources=resources(facts.flavor, from_volume=from_volume),
        image_properties=instance.image_properties,
        availability_zone=instance.pinned_availability_zone,
        forced_host=request.forced_host,
        forced_node=request.forced_node,
        requested_host=request.requested_host,
        requested_node=request.requested_node,
        required_traits=required,
        forbidden_traits=forbidden,
        group=facts.group,
        hints=request.scheduler_hints,
        cell=cell,
    )


def resources(flavor: Flavor, *, from_volume: bool) -> dict[str, int]:
    """Resource class -> amount. `resources:CLASS=N` of the flavor replaces, 0 takes away."""
    swap_gb = -(-flavor.swap_mb // MAX_SWAP_UNIT)
    found = {
        "VCPU": flavor.vcpus,
        "MEMORY_MB": flavor.memory_mb,
        "DISK_GB": (0 if from_volume else flavor.root_gb) + flavor.ephemeral_gb + swap_gb,
    }
    for key, value in flavor.extra_specs.items():
        if key.startswith("resources:") and value.isdecimal():
            found[key.removeprefix("resources:")] = int(value)
    return {name: amount for name, amount in found.items() if amount > 0}


def traits(flavor: Flavor, properties: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """(required, forbidden) by flavor and image: those named, and those of the hardware that
    is asked for."""
    hardware_traits = hardware.traits(flavor.extra_specs, properties)
    wanted: dict[str, set[str]] = {"required": hardware_traits, "forbidden": set()}
    for key, value in (*flavor.extra_specs.items(), *properties.items()):
        if key.startswith("trait:") and value in wanted:
            wanted[value].add(key.removeprefix("trait:"))
    return sorted(wanted["required"]), sorted(wanted["forbidden"])


def expand(
    template: Template, request: CreateServers, uuids: Sequence[str], **common: Any
) -> list[Instance]:
    """The servers of a request. `common`: fields that are the same for all of them."""
    made = []
    several = request.max_count > 1
    for index, uuid in enumerate(uuids):
        name = hostnames.numbered(request.name, index + 1) if several else request.name
        made.append(
            msgspec.structs.replace(
                template.instance,
                uuid=uuid,
                display_name=name,
                hostname=request.hostname or hostnames.from_name(name, uuid),
                launch_index=index,
                block_devices=block_devices.for_server(template.devices, uuid),
                **common,
            )
        )
    return made
