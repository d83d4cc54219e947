# SPDX-License-Identifier: Apache-2.0
"""Bodies of requests: from JSON to values that are sent on, and the rules that these ask for."""

from typing import Any, Final, NamedTuple

from nova_lite.api.network.attribute import Attribute, Kind
from nova_lite.domain.brief import brief
from nova_lite.domain.errors_network import NetworkInvalid

Json = dict[str, Any]

BAD: Final = "HTTPBadRequest"
MAX_BULK: Final = 100
MESSAGE: Final = 500  # characters of a refusal that are told whole


class Given(NamedTuple):
    """values: field -> value. guarded: attributes whose rules have to be asked."""

    values: Json
    guarded: list[Attribute]


def of_creation(kind: Kind, body: Any) -> tuple[list[Given], bool]:
    """(what to make, whether it came as a list). Raises NetworkInvalid."""
    if isinstance(body, dict) and list(body) == [kind.many] and isinstance(body[kind.many], list):
        items = body[kind.many]
        if not items:
            raise bad(f"The list '{kind.many}' is empty.")
        if len(items) > MAX_BULK:
            raise bad(f"One request makes {MAX_BULK} resources at most.")
        return [_creation(kind, _object(each, kind)) for each in items], True
    return [_creation(kind, _inner(kind, body))], False


def of_update(kind: Kind, body: Any) -> Given:
    """What to change. Raises NetworkInvalid."""
    given = _read(kind, _inner(kind, body), creation=False)
    if not given.values:
        raise bad("There is nothing to change in the body.")
    return given


def bad(message: str) -> NetworkInvalid:
    return NetworkInvalid(brief(message, MESSAGE), BAD)


def _inner(kind: Kind, body: Any) -> Json:
    if not isinstance(body, dict) or list(body) != [kind.one]:
        raise bad(f"Failed to parse request. The body has to be an object '{kind.one}'.")
    return _object(body[kind.one], kind)


def _object(value: Any, kind: Kind) -> Json:
    if not isinstance(value, dict):
        raise bad(f"Failed to parse request. '{kind.one}' has to be an object.")
    return value


def _creation(kind: Kind, inner: Json) -> Given:
    given = _read(kind, inner, creation=True)
    for each in kind.attributes:
        if each.required and each.name not in inner:
            raise bad(f"Failed to parse request. Required attribute '{each.name}' not specified")
    if kind.complete:
        kind.complete(given.values)
    return given


def _read(kind: Kind, inner: Json, *, creation: bool) -> Given:
    inner = _one_project(inner)
    unknown = sorted(name for name in inner if kind.find(name) is None and name not in kind.fixed)
    if unknown:
        raise bad(f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    values: Json = {}
    guarded = []
    for name, written in inner.items():
        attribute = kind.find(name)
        if attribute is None:
            _check_fixed(kind, name, written)
            continue
        value = _value(attribute, written, creation=creation)
        values[attribute.field] = value
        if attribute.set_by and not (creation and value == attribute.default):
            guarded.append(attribute)
    return Given(values, guarded)


def _one_project(inner: Json) -> Json:
    """tenant_id under its newer name."""
    if "tenant_id" not in inner:
        return inner
    rest = {name: value for name, value in inner.items() if name != "tenant_id"}
    if rest.setdefault("project_id", inner["tenant_id"]) != inner["tenant_id"]:
        raise bad("'project_id' and 'tenant_id' do not match")
    return rest


def _check_fixed(kind: Kind, name: str, written: Any) -> None:
    only = kind.fixed[name]
    if written != only and written not in (None, [], {}, ""):
        raise NetworkInvalid(
            f"The built-in network has no other value of '{name}' for a {kind.words} than '{only}'."
        )


def _value(attribute: Attribute, written: Any, *, creation: bool) -> Any:
    name = attribute.name
    if attribute.read is None or not (attribute.create if creation else attribute.update):
        if creation:
            raise bad(f"Attribute '{name}' not allowed in POST")
        raise bad(f"Cannot update read-only attribute {name}")
    try:
        return attribute.read(written)
    except ValueError as error:
        raise bad(f"Invalid input for {name}. Reason: {error}.") from None
