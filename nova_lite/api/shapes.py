# SPDX-License-Identifier: Apache-2.0
"""Parts that many request schemas share."""

from typing import Any, Final

JsonSchema = dict[str, Any]


def body(key: str, properties: JsonSchema, *required: str, **more: Any) -> JsonSchema:
    """`{key: {properties}}`, closed on both levels."""
    return {
        "type": "object",
        "properties": {key: closed(properties, *required)},
        "required": [key],
        "additionalProperties": False,
        **more,
    }


def closed(properties: JsonSchema, *required: str) -> JsonSchema:
    """An object that takes no other keys."""
    schema: JsonSchema = {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return schema


def null_body(key: str) -> JsonSchema:
    """`{key: anything}`: an action without parameters."""
    return {
        "type": "object",
        "properties": {key: {}},
        "required": [key],
        "additionalProperties": False,
    }


NAME: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "format": "name",
}
ZONE_NAME: Final[JsonSchema] = {**NAME, "format": "az_name"}
DESCRIPTION: Final[JsonSchema] = {
    "type": ["string", "null"],
    "minLength": 0,
    "maxLength": 255,
    "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$",
}
UUID: Final[JsonSchema] = {"type": "string", "format": "uuid"}
HOST_NAME: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    # a host's name in the service list, also with a port or an address
    "pattern": r"^[a-zA-Z0-9-._:]*$",
}
BOOLEAN: Final[JsonSchema] = {
    "type": ["boolean", "string"],
    "enum": [
        True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes", "y", "t",
        False, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no", "n", "f",
    ],
}  # fmt: skip
TRUE_WORDS: Final = frozenset({"true", "1", "on", "yes", "y", "t"})
FALSE_WORDS: Final = frozenset({"false", "0", "off", "no", "n", "f"})
POSITIVE: Final[JsonSchema] = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]*$",
    "minimum": 1,
    "minLength": 1,
}
NON_NEGATIVE: Final[JsonSchema] = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]*$",
    "minimum": 0,
    "minLength": 1,
}
MAX_INT: Final = 0x7FFFFFFF
QUOTA: Final[JsonSchema] = {
    "type": ["integer", "string"],
    "pattern": "^-?[0-9]+$",
    "minimum": -1,
    "maximum": MAX_INT,
}
METADATA: Final[JsonSchema] = {
    "type": "object",
    "patternProperties": {
        "^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255},
    },
    "additionalProperties": False,
}
PROJECT_ID: Final[JsonSchema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": 255,
    "pattern": "^[a-zA-Z0-9-]*$",
}


def truth(value: bool | str) -> bool:
    """The meaning of a BOOLEAN."""
    return value if isinstance(value, bool) else value.lower() in TRUE_WORDS


# --- query parameters: each comes as an array of strings ----------------------------------


def query(**parameters: JsonSchema) -> JsonSchema:
    """A query of these parameters; names with dashes are written with underscores twice."""
    return {
        "type": "object",
        "properties": {name.replace("__", "-"): each for name, each in parameters.items()},
    }


def one(schema: JsonSchema) -> JsonSchema:
    """A parameter that may come once."""
    return {"type": "array", "items": schema, "maxItems": 1}


def many(schema: JsonSchema) -> JsonSchema:
    """A parameter that may come again and again."""
    return {"type": "array", "items": schema}


TEXT: Final[JsonSchema] = {"type": "string"}
COUNT: Final[JsonSchema] = {"type": "string", "pattern": "^[0-9]*$"}
LIMIT: Final = many(COUNT)
MARKER: Final = many(TEXT)
