# SPDX-License-Identifier: Apache-2.0
"""Bodies of the actions that take something, at the newest microversion."""

from typing import Any, Final

from nova_lite.api import shapes

JsonSchema = dict[str, Any]

REBOOT: Final = shapes.body(
    "reboot",
    {"type": {"type": "string", "enum": ["HARD", "Hard", "hard", "SOFT", "Soft", "soft"]}},
    "type",
)
LOCK: Final[JsonSchema] = {
    "type": "object",
    "properties": {
        "lock": {
            "type": ["object", "null"],
            "properties": {"locked_reason": {"type": "string", "minLength": 1, "maxLength": 255}},
            "additionalProperties": False,
        }
    },
    "required": ["lock"],
    "additionalProperties": False,
}
CHANGE_PASSWORD: Final = shapes.body(
    "changePassword", {"adminPass": {"type": "string"}}, "adminPass"
)
RESCUE: Final[JsonSchema] = {
    "type": "object",
    "properties": {
        "rescue": {
            "type": ["object", "null"],
            "properties": {"adminPass": {"type": "string"}, "rescue_image_ref": shapes.UUID},
            "additionalProperties": False,
        }
    },
    "required": ["rescue"],
    "additionalProperties": False,
}
CONSOLE_OUTPUT: Final = shapes.body(
    "os-getConsoleOutput",
    {
        "length": {
            "type": ["integer", "string", "null"],
            "pattern": "^-?[0-9]{1,10}$",
            "minimum": -1,
            "maximum": shapes.MAX_INT,
        }
    },
)
CREATE_IMAGE: Final = shapes.body(
    "createImage", {"name": shapes.NAME, "metadata": shapes.METADATA}, "name"
)
CREATE_BACKUP: Final = shapes.body(
    "createBackup",
    {
        "name": shapes.NAME,
        "backup_type": {"type": "string"},
        "rotation": shapes.NON_NEGATIVE,
        "metadata": shapes.METADATA,
    },
    *("name", "backup_type", "rotation"),
)
UNSHELVE: Final[JsonSchema] = {
    "type": "object",
    "properties": {
        "unshelve": {
            "type": ["object", "null"],
            "properties": {
                "availability_zone": {**shapes.ZONE_NAME, "type": ["string", "null"]},
                "host": shapes.HOST_NAME,
            },
            "minProperties": 1,
            "additionalProperties": False,
        }
    },
    "required": ["unshelve"],
    "additionalProperties": False,
}
RESET_STATE: Final = shapes.body(
    "os-resetState",
    {"state": {"type": "string", "enum": ["active", "error"]}},
    "state",
)
