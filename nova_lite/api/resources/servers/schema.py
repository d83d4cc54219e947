# SPDX-License-Identifier: Apache-2.0
"""What requests about servers look like, at the newest microversion."""

from typing import Any, Final

from nova_lite.api import shapes

JsonSchema = dict[str, Any]

DISK_CONFIG: Final[JsonSchema] = {"type": "string", "enum": ["AUTO", "MANUAL"]}
ACCESS_IP_V4: Final[JsonSchema] = {"type": "string", "format": "ipv4"}
ACCESS_IP_V6: Final[JsonSchema] = {"type": "string", "format": "ipv6"}
IP_ADDRESS: Final[JsonSchema] = {
    "type": "string",
    "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}],
}
DEVICE_TAG: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 60,
    "pattern": "^[^,/]*$",
}
HOSTNAME: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": r"^[a-zA-Z0-9]([a-zA-Z0-9-.]*[a-zA-Z0-9])?$",
}
FLAVOR_REF: Final[JsonSchema] = {
    "type": ["string", "integer"],
    "minLength": 1,
    "pattern": r"^[^\x00/]*$",
}
IMAGE_REF: Final[JsonSchema] = {
    "type": "string",
    "oneOf": [{"format": "uuid"}, {"maxLength": 0}],
}
TRUSTED_CERTS: Final[JsonSchema] = {
    "type": ["array", "null"],
    "minItems": 1,
    "maxItems": 50,
    "uniqueItems": True,
    "items": {"type": "string", "minLength": 1},
}
VOLUME_SIZE: Final[JsonSchema] = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]+$",
    "minimum": 1,
    "maximum": shapes.MAX_INT,
}
_SHORT: Final[JsonSchema] = {"type": "string", "maxLength": 255}
_DEVICE_NAME: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[a-zA-Z0-9._/-]*$",
}
_DEVICE_ID: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[a-zA-Z0-9._-]*$",
}

# --- create --------------------------------------------------------------------------------

NETWORK: Final = shapes.closed(
    {
        "uuid": shapes.UUID,
        "port": {"type": ["string", "null"], "format": "uuid"},
        "fixed_ip": IP_ADDRESS,
        "tag": DEVICE_TAG,
    }
)
NETWORKS: Final[JsonSchema] = {
    "oneOf": [
        {"type": "array", "items": NETWORK},
        {"type": "string", "enum": ["none", "auto"]},
    ]
}
BLOCK_DEVICE: Final = shapes.closed(
    {
        "source_type": {"type": "string", "enum": ["volume", "image", "snapshot", "blank"]},
        "destination_type": {"type": "string", "enum": ["local", "volume"]},
        "uuid": _DEVICE_ID,
        "volume_id": shapes.UUID,
        "snapshot_id": shapes.UUID,
        "image_id": shapes.UUID,
        "volume_size": VOLUME_SIZE,
        "volume_type": {"type": ["string", "null"], "maxLength": 255},
        "boot_index": {
            "type": ["integer", "string", "null"],
            "pattern": "^-?[0-9]+$",
            "minimum": -1,
            "maximum": shapes.MAX_INT,
        },
        "device_name": _DEVICE_NAME,
        "device_type": _SHORT,
        "disk_bus": _SHORT,
        "guest_format": _SHORT,
        "delete_on_termination": shapes.BOOLEAN,
        "no_device": {"type": ["boolean", "string", "object"]},
        "tag": DEVICE_TAG,
    }
)
LEGACY_BLOCK_DEVICE: Final = shapes.closed(
    {
        "virtual_name": _SHORT,
        "device_name": _DEVICE_NAME,
        "volume_id": shapes.UUID,
        "snapshot_id": shapes.UUID,
        "volume_size": VOLUME_SIZE,
        "delete_on_termination": shapes.BOOLEAN,
        "no_device": {"type": ["boolean", "string", "object"]},
        "connection_info": {"type": "string", "maxLength": 16384},
    }
)
HINTS: Final[JsonSchema] = {
    "type": "object",
    "properties": {
        "group": shapes.UUID,
        "different_host": {
            "oneOf": [shapes.UUID, {"type": "array", "items": shapes.UUID}],
        },
        "same_host": {"oneOf": [shapes.UUID, {"type": "array", "items": shapes.UUID}]},
        "query": {"type": ["string", "object"]},
        "target_cell": shapes.NAME,
        "different_cell": {
            "type": ["string", "array"],
            "items": {"type": "string"},
        },
        "build_near_host_ip": IP_ADDRESS,
        "cidr": {"type": "string", "pattern": r"^/[0-9a-f.:]+$"},
    },
    # Filters of others may want hints that nobody here knows.
    "additionalProperties": True,
}
CREATE: Final[JsonSchema] = shapes.body(
    "server",
    {
        "name": shapes.NAME,
        "flavorRef": FLAVOR_REF,
        "imageRef": IMAGE_REF,
        "networks": NETWORKS,
        "description": shapes.DESCRIPTION,
        "hostname": HOSTNAME,
        "adminPass": {"type": "string"},
        "metadata": shapes.METADATA,
        "tags": {"type": "array", "items": DEVICE_TAG, "maxItems": 50},
        "OS-DCF:diskConfig": DISK_CONFIG,
        "accessIPv4": ACCESS_IP_V4,
        "accessIPv6": ACCESS_IP_V6,
        "availability_zone": shapes.NAME,
        "host": shapes.HOST_NAME,
        "hypervisor_hostname": shapes.HOST_NAME,
        "block_device_mapping": {"type": "array", "items": LEGACY_BLOCK_DEVICE},
        "block_device_mapping_v2": {"type": "array", "items": BLOCK_DEVICE},
        "config_drive": shapes.BOOLEAN,
        "key_name": shapes.NAME,
        "min_count": shapes.POSITIVE,
        "max_count": shapes.POSITIVE,
        "return_reservation_id": shapes.BOOLEAN,
        "security_groups": {
            "type": "array",
            "items": shapes.closed(
                {"name": {"type": "string", "minLength": 1, "maxLength": 255}}, "name"
            ),
        },
        "user_data": {"type": "string", "format": "base64", "maxLength": 65535},
        "trusted_image_certificates": TRUSTED_CERTS,
    },
    "name",
    "flavorRef",
    "networks",
)
CREATE["properties"]["os:scheduler_hints"] = HINTS
CREATE["properties"]["OS-SCH-HNT:scheduler_hints"] = HINTS

# --- update --------------------------------------------------------------------------------

UPDATE: Final = shapes.body(
    "server",
    {
        "name": shapes.NAME,
        "description": shapes.DESCRIPTION,
        "hostname": HOSTNAME,
        "OS-DCF:diskConfig": DISK_CONFIG,
        "accessIPv4": ACCESS_IP_V4,
        "accessIPv6": ACCESS_IP_V6,
        "pinned_availability_zone": {"type": ["string", "null"], "maxLength": 255},
    },
)

# --- lists ---------------------------------------------------------------------------------

JOINED: Final = (
    "block_device_mapping",
    "services",
    "metadata",
    "system_metadata",
    "info_cache",
    "security_groups",
    "pci_devices",
)
SORT_KEYS: Final = (
    "access_ip_v4",
    "access_ip_v6",
    "auto_disk_config",
    "availability_zone",
    "config_drive",
    "created_at",
    "display_description",
    "display_name",
    "host",
    "hostname",
    "image_ref",
    "instance_type_id",
    "kernel_id",
    "key_name",
    "launch_index",
    "launched_at",
    "locked",
    "locked_by",
    "node",
    "power_state",
    "progress",
    "project_id",
    "ramdisk_id",
    "root_device_name",
    "task_state",
    "terminated_at",
    "updated_at",
    "user_id",
    "uuid",
    "vm_state",
)
_TEXT = shapes.many(shapes.TEXT)
_REGEX = shapes.many({"type": "string", "format": "regex"})
_TIME = shapes.many({"type": "string", "format": "date-time"})
# Taken, and then refused with a message of its own; not in the OpenAPI document.
_REFUSED = {**_TEXT, "x-refused": True}
_TAGS = shapes.many({"type": "string", "minLength": 1})
_PLAIN = (
    "user_id project_id tenant_id launch_index image_ref image kernel_id ramdisk_id hostname "
    "key_name power_state vm_state task_state host node flavor reservation_id launched_at "
    "terminated_at availability_zone locked_by uuid root_device_name config_drive access_ip_v4 "
    "access_ip_v6 auto_disk_config progress created_at all_tenants soft_deleted deleted status "
    "locked"
).split()
LIST: Final[JsonSchema] = {
    "type": "object",
    "properties": {
        **dict.fromkeys(_PLAIN, _TEXT),
        **dict.fromkeys(JOINED, _REFUSED),
        **dict.fromkeys(("name", "display_name", "description", "display_description"), _REGEX),
        **dict.fromkeys(("ip", "ip6"), _REGEX),
        **dict.fromkeys(("tags", "tags-any", "not-tags", "not-tags-any"), _TAGS),
        "changes-since": _TIME,
        "changes-before": _TIME,
        "sort_key": shapes.many({"type": "string", "enum": list(SORT_KEYS)}),
        "sort_dir": _TEXT,
        "limit": shapes.LIMIT,
        "marker": shapes.MARKER,
    },
    "patternProperties": {"^_": _REFUSED},
}
