# SPDX-License-Identifier: Apache-2.0
"""POST /servers: from the body to a `CreateServers`, and the answer.

What can be said without looking anything up is said here; whether flavor, image, networks and
quota allow it, the conductor says.
"""

import secrets
import string
from dataclasses import dataclass
from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.api.resources.servers import policy
from nova_lite.api.resources.servers.view_schema import CREATED_SCHEMA
from nova_lite.api.shapes import MAX_INT, truth
from nova_lite.api.view import JsonSchema, View
from nova_lite.domain import errors
from nova_lite.domain.devices import BlockDeviceWish, NetworkWish
from nova_lite.domain.request import CreatedServers, CreateServers

# Letters and digits that are not taken for each other.
_PASSWORD: Final = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")

# Servers of one request, whatever the quota.
MOST_AT_ONCE: Final = 10_000


@dataclass(frozen=True)
class Created:
    """What the answer tells: it differs by what was asked."""

    servers: CreatedServers
    admin_pass: str | None
    by_reservation: bool


def create(request: Request, clients: Any, target: None, body: dict[str, Any]) -> Created:
    """POST /servers"""
    given = body["server"]
    wanted = read(request, body)
    _authorize(request, given, wanted)
    created: CreatedServers = clients.conductor.create_servers(request.context, request=wanted)
    shows_password = request.conf.api.enable_instance_password
    return Created(
        servers=created,
        admin_pass=wanted.admin_pass if shows_password else None,
        by_reservation=truth(given.get("return_reservation_id", False)),
    )


def read(request: Request, body: dict[str, Any]) -> CreateServers:
    """The request in the words of the domain. Raises Invalid."""
    given = body["server"]
    least, most = _counts(given)
    zone, host, node = zone_parts(given.get("availability_zone"))
    if host and (given.get("host") or given.get("hypervisor_hostname")):
        raise errors.Invalid(
            "A host in the availability zone cannot be combined with host or hypervisor_hostname."
        )
    devices, legacy = _block_devices(given)
    image = given.get("imageRef") or None
    if image is None and not devices:
        raise errors.Invalid("Missing imageRef attribute")
    disk_config = given.get("OS-DCF:diskConfig")
    certs = given.get("trusted_image_certificates")
    return CreateServers(
        name=given["name"],
        flavor_ref=str(given["flavorRef"]),
        image_ref=image,
        min_count=least,
        max_count=most,
        networks=_networks(given.get("networks")),
        block_devices=devices,
        legacy_block_devices=legacy,
        metadata=given.get("metadata", {}),
        security_groups=_unique(group["name"] for group in given.get("security_groups", ())),
        availability_zone=zone,
        forced_host=host,
        forced_node=node,
        requested_host=given.get("host"),
        requested_node=given.get("hypervisor_hostname"),
        config_drive=truth(given.get("config_drive", False)),
        key_name=given.get("key_name"),
        user_data=given.get("user_data"),
        description=given.get("description"),
        hostname=given.get("hostname"),
        tags=_unique(given.get("tags", ())),
        trusted_certs=certs,
        auto_disk_config=None if disk_config is None else disk_config == "AUTO",
        access_ip_v4=given.get("accessIPv4"),
        access_ip_v6=given.get("accessIPv6"),
        scheduler_hints=_hints(body),
        personality=given.get("personality", []),
        admin_pass=given.get("adminPass") or make_password(request.conf.password_length),
        check_zero_disk=not request.allowed(policy.ZERO_DISK),
    )


def _authorize(request: Request, given: dict[str, Any], wanted: CreateServers) -> None:
    """The rules of what is in the body, in Nova's order."""
    if wanted.forced_host or wanted.forced_node:
        request.authorize(policy.FORCED_HOST)
    if wanted.requested_host or wanted.requested_node:
        request.authorize(policy.REQUESTED_DESTINATION)
    if wanted.block_devices:
        request.authorize(policy.ATTACH_VOLUME)
    if isinstance(wanted.networks, list) and wanted.networks:
        request.authorize(policy.ATTACH_NETWORK)
    if given.get("trusted_image_certificates"):
        request.authorize(policy.TRUSTED_CERTS)


def _counts(given: dict[str, Any]) -> tuple[int, int]:
    least = _count(given.get("min_count", 1))
    most = _count(given.get("max_count", least))
    if least > most:
        raise errors.Invalid("min_count must be <= max_count")
    if most > MOST_AT_ONCE:
        raise errors.Invalid(f"max_count must be at most {MOST_AT_ONCE}")
    return least, most


def _count(value: int | float | str) -> int:
    """A number, or one that is too large to be read."""
    if isinstance(value, str) and len(value.lstrip("0")) > 9:
        return MAX_INT
    return int(value)


def zone_parts(text: str | None) -> tuple[str | None, str | None, str | None]:
    """(zone, host, node) of `zone`, `zone:host`, `zone:host:node`, `zone::node`."""
    parts = text.split(":") if text else []
    if len(parts) > 3:
        raise errors.Invalid("Invalid availability_zone: at most zone:host:node is understood.")
    zone, host, node = (part or None for part in (*parts, *[""] * (3 - len(parts))))
    return zone, host, node


def _networks(given: Any) -> str | list[NetworkWish] | None:
    if given is None or isinstance(given, str):
        return given
    ports = [entry["port"] for entry in given if entry.get("port")]
    if len(set(ports)) != len(ports):
        raise errors.Invalid("Duplicate ports are not allowed.")
    return [_network(entry) for entry in given]


def _network(entry: dict[str, Any]) -> NetworkWish:
    port, uuid = entry.get("port"), entry.get("uuid")
    if port and entry.get("fixed_ip"):
        raise errors.Invalid(
            f"Specified Fixed IP '{entry['fixed_ip']}' cannot be used with port '{port}': "
            "the two cannot be specified together."
        )
    if not port and not uuid:
        raise errors.Invalid("Bad network format: missing 'uuid'")
    return NetworkWish(
        uuid=uuid if not port else None,
        port=port,
        fixed_ip=entry.get("fixed_ip"),
        tag=entry.get("tag"),
    )


def _block_devices(given: dict[str, Any]) -> tuple[list[BlockDeviceWish], bool]:
    """The devices, and whether they were given in the old way."""
    old, new = given.get("block_device_mapping"), given.get("block_device_mapping_v2")
    if old and new:
        raise errors.Invalid(
            "Using different block_device_mapping syntaxes is not allowed in the same request."
        )
    if old:
        return [_old_device(entry) for entry in old], True
    return [_device(entry) for entry in new or ()], False


def _device(entry: dict[str, Any]) -> BlockDeviceWish:
    no_device = _given_truth(entry.get("no_device"))
    source = entry.get("source_type")
    uuid = entry.get("uuid")
    for kind in ("volume", "snapshot", "image"):
        named = entry.get(f"{kind}_id")
        if named:
            source, uuid = source or kind, uuid or named
    if not source and not no_device:
        raise errors.Invalid("Block Device Mapping is Invalid: a source_type is needed.")
    if source == "blank" and uuid:
        raise errors.Invalid("Block Device Mapping is Invalid: a blank device has no uuid.")
    if source in ("volume", "snapshot", "image") and not uuid:
        raise errors.Invalid(f"Block Device Mapping is Invalid: {source} needs a uuid.")
    index = entry.get("boot_index")
    size = entry.get("volume_size")
    return BlockDeviceWish(
        source_type=source or "blank",
        destination_type=entry.get("destination_type"),
        uuid=uuid,
        boot_index=None if index is None else int(index),
        volume_size=None if size is None else int(size),
        volume_type=entry.get("volume_type"),
        delete_on_termination=truth(entry.get("delete_on_termination", False)),
        device_name=entry.get("device_name"),
        device_type=entry.get("device_type"),
        disk_bus=entry.get("disk_bus"),
        guest_format=entry.get("guest_format"),
        no_device=no_device,
        tag=entry.get("tag"),
    )


def _old_device(entry: dict[str, Any]) -> BlockDeviceWish:
    size = entry.get("volume_size")
    volume, snapshot = entry.get("volume_id"), entry.get("snapshot_id")
    return BlockDeviceWish(
        source_type="volume" if volume else "snapshot" if snapshot else "blank",
        destination_type="volume" if volume or snapshot else "local",
        uuid=volume or snapshot,
        volume_size=None if size is None else int(size),
        delete_on_termination=truth(entry.get("delete_on_termination", False)),
        device_name=entry.get("device_name"),
        guest_format=entry.get("virtual_name"),
        no_device=_given_truth(entry.get("no_device")),
    )


def _given_truth(value: Any) -> bool:
    """`no_device`: old clients send an empty object, or a word."""
    return truth(value) if isinstance(value, bool | str) else value is not None


def _hints(body: dict[str, Any]) -> dict[str, Any]:
    hints: dict[str, Any] = (
        body.get("os:scheduler_hints") or body.get("OS-SCH-HNT:scheduler_hints") or {}
    )
    return hints


def _unique(names: Any) -> list[str]:
    return list(dict.fromkeys(names))


def make_password(length: int) -> str:
    """A password of so many letters and digits."""
    return "".join(secrets.choice(_PASSWORD) for _ in range(length))


# --- the answer --------------------------------------------------------------------------------


class CreatedView(View):
    """The first of the new servers, or the reservation id of them all."""

    def render(self, request: Request, value: Created) -> dict[str, Any]:
        if value.by_reservation:
            return {"reservation_id": value.servers.reservation_id}
        uuid = value.servers.uuids[0]
        item: dict[str, Any] = {
            "id": uuid,
            "links": request.links.of("servers", uuid),
            "OS-DCF:diskConfig": "AUTO" if value.servers.auto_disk_config else "MANUAL",
            "security_groups": [{"name": name} for name in value.servers.security_groups],
        }
        if value.admin_pass is not None:
            item["adminPass"] = value.admin_pass
        return {"server": item}

    def location(self, request: Request, value: Created) -> str | None:
        if value.by_reservation:
            return None
        return request.links.location("servers", value.servers.uuids[0])

    def schema(self) -> JsonSchema:
        return CREATED_SCHEMA


CREATED: Final = CreatedView()
