# SPDX-License-Identifier: Apache-2.0
"""The shapes of servers in answers, at the newest microversion, for the OpenAPI document."""

from typing import Any, Final

from nova_lite.api.view import LINKS_SCHEMA, closed
from nova_lite.domain.states import PowerState, TaskState, VmState

JsonSchema = dict[str, Any]

TEXT: Final[JsonSchema] = {"type": "string"}
TEXT_OR_NULL: Final[JsonSchema] = {"type": ["string", "null"]}
COUNT: Final[JsonSchema] = {"type": "integer"}
FLAG: Final[JsonSchema] = {"type": "boolean"}
TIME: Final[JsonSchema] = {"type": "string", "format": "date-time"}
# Micro-seconds without a zone, which RFC 3339 does not know.
BARE_TIME: Final[JsonSchema] = {
    "type": ["string", "null"],
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$",
}
STRINGS: Final[JsonSchema] = {"type": "object", "additionalProperties": TEXT}

_ADDRESS: Final = closed(
    {
        "version": {"type": "integer", "enum": [4, 6]},
        "addr": TEXT,
        "OS-EXT-IPS:type": {"type": "string", "enum": ["fixed", "floating"]},
        "OS-EXT-IPS-MAC:mac_addr": TEXT,
    }
)
_DETAIL: Final[JsonSchema] = {
    "id": {"type": "string", "format": "uuid"},
    "name": TEXT,
    "status": TEXT,
    "tenant_id": TEXT,
    "user_id": TEXT,
    "metadata": STRINGS,
    "hostId": {"type": "string", "maxLength": 56},
    "image": {
        "oneOf": [
            {"type": "string", "maxLength": 0},
            closed({"id": TEXT, "links": LINKS_SCHEMA, "properties": {"type": "object"}}),
        ]
    },
    "flavor": closed(
        {
            "vcpus": COUNT,
            "ram": COUNT,
            "disk": COUNT,
            "ephemeral": COUNT,
            "swap": COUNT,
            "original_name": TEXT,
            "extra_specs": STRINGS,
        },
        optional=["extra_specs"],
    ),
    "created": TIME,
    "updated": TIME,
    "addresses": {
        "type": "object",
        "additionalProperties": {"type": "array", "items": _ADDRESS},
    },
    "accessIPv4": TEXT,
    "accessIPv6": TEXT,
    "links": LINKS_SCHEMA,
    "OS-DCF:diskConfig": {"type": "string", "enum": ["AUTO", "MANUAL"]},
    "OS-EXT-AZ:availability_zone": TEXT,
    "config_drive": {"type": "string", "enum": ["", "True"]},
    "key_name": TEXT_OR_NULL,
    "OS-SRV-USG:launched_at": BARE_TIME,
    "OS-SRV-USG:terminated_at": BARE_TIME,
    "OS-EXT-STS:task_state": {
        "type": ["string", "null"],
        "enum": [*map(str, TaskState), None],
    },
    "OS-EXT-STS:vm_state": {"type": "string", "enum": [*map(str, VmState)]},
    "OS-EXT-STS:power_state": {"type": "integer", "enum": [*map(int, PowerState)]},
    "os-extended-volumes:volumes_attached": {
        "type": "array",
        "items": closed({"id": TEXT, "delete_on_termination": FLAG}),
    },
    "locked": FLAG,
    "locked_reason": TEXT_OR_NULL,
    "description": TEXT_OR_NULL,
    "tags": {"type": "array", "items": TEXT},
    "trusted_image_certificates": {"type": ["array", "null"], "items": TEXT},
    "pinned_availability_zone": TEXT_OR_NULL,
    "scheduler_hints": {"type": "object"},
    # --- not always there -----------------------------------------------------------------
    "security_groups": {"type": "array", "items": closed({"name": TEXT})},
    "OS-EXT-SRV-ATTR:host": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:instance_name": TEXT,
    "OS-EXT-SRV-ATTR:hypervisor_hostname": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:hostname": TEXT,
    "OS-EXT-SRV-ATTR:reservation_id": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:launch_index": COUNT,
    "OS-EXT-SRV-ATTR:kernel_id": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:ramdisk_id": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:root_device_name": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:user_data": TEXT_OR_NULL,
    "host_status": {"type": "string", "enum": ["UP", "DOWN", "MAINTENANCE", "UNKNOWN", ""]},
    "progress": {"type": "integer", "minimum": 0, "maximum": 100},
    "fault": closed(
        {"code": COUNT, "created": TIME, "message": TEXT, "details": TEXT}, optional=["details"]
    ),
}
_SOMETIMES: Final = tuple(list(_DETAIL)[list(_DETAIL).index("security_groups") :])

SUMMARY_SCHEMA: Final = closed(
    {
        "id": {"type": "string", "format": "uuid"},
        "name": TEXT,
        "links": LINKS_SCHEMA,
        "status": {"type": "string", "enum": ["UNKNOWN"]},
    },
    optional=["name", "status"],
)
DETAIL_SCHEMA: Final = closed(_DETAIL, optional=_SOMETIMES)
SHOW_SCHEMA: Final = closed(
    {**_DETAIL, "server_groups": {"type": "array", "items": TEXT}}, optional=_SOMETIMES
)
_USER_DATA: Final = "OS-EXT-SRV-ATTR:user_data"
REBUILT_SCHEMA: Final = closed(
    {
        **{name: of for name, of in _DETAIL.items() if name != _USER_DATA},
        "server_groups": {"type": "array", "items": TEXT},
        "user_data": TEXT_OR_NULL,
        "adminPass": TEXT,
    },
    optional=[*(name for name in _SOMETIMES if name != _USER_DATA), "adminPass"],
)
CREATED_SCHEMA: Final[JsonSchema] = {
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "server": closed(
                    {
                        "id": {"type": "string", "format": "uuid"},
                        "links": LINKS_SCHEMA,
                        "OS-DCF:diskConfig": {"type": "string", "enum": ["AUTO", "MANUAL"]},
                        "security_groups": {"type": "array", "items": closed({"name": TEXT})},
                        "adminPass": TEXT,
                    },
                    optional=["adminPass"],
                )
            },
            "required": ["server"],
            "additionalProperties": False,
        },
        closed({"reservation_id": TEXT}),
    ]
}
