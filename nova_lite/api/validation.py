# SPDX-License-Identifier: Apache-2.0
"""JSON schemas: our formats, Nova's messages, one compiled check per schema and version."""

import ipaddress
import math
import re
import unicodedata
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from nova_lite.base.ids import is_uuid
from nova_lite.domain import errors
from nova_lite.domain.brief import ECHO, brief

JsonSchema = dict[str, Any]
Check = Callable[[Any], None]

# --- formats --------------------------------------------------------------------------------

_formats = FormatChecker(formats=())

_DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?"
    r"(?:Z|[+-]\d\d:?\d\d)?"
)


def parse_time(text: str) -> datetime:
    """ISO 8601, with or without zone (then UTC); aware. ValueError for anything else."""
    if not _DATE_TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no date and time")
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _printable(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Cn") for char in text)


def _format(name: str, raises: tuple[type[Exception], ...] = ()) -> Callable[[Any], Any]:
    return _formats.checks(name, raises=raises)


class NameError_(ValueError):  # noqa: N801, N818 - its text is the reason of the refusal
    """Why a name is refused; the text is part of the answer."""


@_format("uuid")
def _uuid(value: object) -> bool:
    return not isinstance(value, str) or is_uuid(value)


@_format("date-time")
def _date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        parse_time(value)
    except (ValueError, OverflowError):
        return False
    return True


@_format("base64")
def _base64(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        b64decode("".join(value.split()), validate=True)
    except (Base64Error, ValueError):
        return False
    return True


@_format("ipv4")
def _ipv4(value: object) -> bool:
    return not isinstance(value, str) or _parses(ipaddress.IPv4Address, value)


@_format("ipv6")
def _ipv6(value: object) -> bool:
    return not isinstance(value, str) or _parses(ipaddress.IPv6Address, value)


@_format("cidr")
def _cidr(value: object) -> bool:
    return not isinstance(value, str) or _parses(
        lambda text: ipaddress.ip_network(text, strict=False), value
    )


@_format("mac-address")
def _mac(value: object) -> bool:
    return not isinstance(value, str) or bool(
        re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", value)
    )


@_format("uri")
def _uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        found = urlsplit(value)
    except ValueError:
        return False
    return bool(found.scheme)


@_format("regex")
def _regex(value: object) -> bool:
    return not isinstance(value, str) or _parses(re.compile, value)


@_format("name", raises=(NameError_,))
def _name(value: object) -> bool:
    if isinstance(value, str) and (value != value.strip() or not value or not _printable(value)):
        raise NameError_(
            "An invalid 'name' value was provided. The name must be: printable characters. "
            "Can not start or end with whitespace."
        )
    return True


@_format("name_with_leading_trailing_spaces", raises=(NameError_,))
def _legacy_name(value: object) -> bool:
    if isinstance(value, str) and (not value.strip() or not _printable(value)):
        raise NameError_(
            "An invalid 'name' value was provided. The name must be: printable characters "
            "with at least one non space character"
        )
    return True


@_format("az_name", raises=(NameError_,))
def _zone_name(value: object) -> bool:
    _name(value)
    if isinstance(value, str) and ":" in value:
        raise NameError_(
            "An invalid 'name' value was provided. The name must be: printable characters "
            "except :. Can not start or end with whitespace."
        )
    return True


def _parses(parse: Callable[[str], object], value: str) -> bool:
    try:
        parse(value)
    except (ValueError, re.error, RecursionError, OverflowError):
        return False
    return True


# --- numbers written as strings ----------------------------------------------------------------


# Digits that a number in a string may have; with more it is larger than every limit.
_DIGITS: Final = 30


def _number(value: object) -> float | None:
    """A JSON number, or a string that writes an integer; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value):
        digits = value.lstrip("-0")
        size = int(digits or "0") if len(digits) <= _DIGITS else math.inf
        return -size if value.startswith("-") else size
    return None


def _minimum(
    validator: Any, least: float, instance: object, schema: JsonSchema
) -> Iterator[ValidationError]:
    found = _number(instance)
    if found is not None and found < least:
        yield ValidationError(f"{instance!r} is less than the minimum of {least!r}")


def _maximum(
    validator: Any, most: float, instance: object, schema: JsonSchema
) -> Iterator[ValidationError]:
    found = _number(instance)
    if found is not None and found > most:
        yield ValidationError(f"{instance!r} is greater than the maximum of {most!r}")


_Validator = validators.extend(Draft202012Validator, {"minimum": _minimum, "maximum": _maximum})


# --- checks -------------------------------------------------------------------------------------


def _compile(schema: JsonSchema) -> Any:
    # That the schemas themselves are good, a unit test says: to check them takes long.
    return _Validator(schema, format_checker=_formats)


def check_schema(schema: JsonSchema) -> None:
    """Raises jsonschema.SchemaError for what is no schema."""
    _Validator.check_schema(schema)


def body_check(schema: JsonSchema, *, relaxed: bool = False) -> Check:
    """A function that raises Invalid for a body that does not fit.

    `relaxed` is the way of /v2: unknown keys are dropped from the body before it is checked,
    and names may begin and end with blanks, which are dropped too.
    """
    validator = _compile(schema)

    def check(body: Any) -> None:
        if relaxed:
            _relax(schema, body)
        for error in validator.iter_errors(body):
            raise errors.Invalid(body_message(error))

    return check


def query_check(schema: JsonSchema) -> Check:
    """A function that raises Invalid for query parameters (name -> list of values)."""
    validator = _compile(schema)

    def check(query: Any) -> None:
        for error in validator.iter_errors(query):
            raise errors.Invalid(query_message(error))

    return check


def body_message(error: ValidationError) -> str:
    """Nova's words, with no more than a few of the client's."""
    return _message("Invalid input for field/attribute", -1, error)


def query_message(error: ValidationError) -> str:
    return _message("Invalid input for query parameters", 0, error)


def _message(words: str, part: int, error: ValidationError) -> str:
    """`part`: of the path to the value, which one is named."""
    if not error.absolute_path:
        return _reason(error)
    where = f"{words} {brief(str(error.absolute_path[part]), ECHO)}."
    value = str(error.instance)
    if error.validator == "maxLength" and len(value) > ECHO:
        most, size = error.validator_value, len(value)
        return (
            f"{where} Value: {size} characters. It is too long: at most {most} characters are "
            "allowed."
        )
    return f"{where} Value: {brief(value, ECHO)}. {_reason(error)}"


def _reason(error: ValidationError) -> str:
    """The library's, which begins with the value, mostly."""
    if isinstance(error.cause, NameError_):
        return str(error.cause)
    value = repr(error.instance)
    if error.message.startswith(value):
        return brief(value, ECHO) + error.message.removeprefix(value)
    return brief(error.message, ECHO)


def _relax(schema: JsonSchema, value: Any) -> None:
    """Drop what the schema does not know, and blanks around names, in place."""
    if isinstance(value, list):
        for entry in value:
            _relax(schema.get("items", {}), entry)
        return
    properties = schema.get("properties")
    if properties is None or not isinstance(value, dict):
        return
    patterns = schema.get("patternProperties", {})
    for key in list(value):
        inner = properties.get(key)
        if inner is None:
            known = any(re.search(pattern, key) for pattern in patterns)
            if not known and schema.get("additionalProperties") is False:
                del value[key]
        elif inner.get("format") in ("name", "az_name") and isinstance(value[key], str):
            value[key] = value[key].strip()
        else:
            _relax(inner, value[key])
