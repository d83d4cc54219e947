# SPDX-License-Identifier: Apache-2.0
"""What is on the wire in which release: versions, wire levels, and the fingerprints of it all.

Each service reports the wire level of its release with its heartbeat. A sender speaks the
version that [upgrade_levels] pins, or the lowest of its peers, or the newest. Two releases may
run side by side.

`python -m nova_lite.rpc.wire` compares the contracts with fingerprints.json; `--write` renews
it. tests/rules/test_wire.py does not let a change pass without that.
"""

import enum
import json
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from nova_lite.domain import errors
from nova_lite.rpc import codec
from nova_lite.rpc.contract import Method, Version, compile_contract, parse_version
from nova_lite.rpc.contracts.compute import Compute
from nova_lite.rpc.contracts.conductor import Conductor
from nova_lite.rpc.contracts.network import NetworkHost
from nova_lite.rpc.contracts.scheduler import Scheduler

CONTRACTS: tuple[type, ...] = (Conductor, Scheduler, Compute, NetworkHost)
FINGERPRINTS = Path(__file__).with_name("fingerprints.json")


@dataclass(frozen=True)
class Release:
    """A row of the history. `versions`: topic -> version of its contract. A released row is
    never changed again: what comes later is a new row with the next level."""

    name: str
    level: int
    versions: Mapping[str, str]
    released: bool = True


RELEASES: tuple[Release, ...] = (
    Release(
        "0.1",
        1,
        {"conductor": "1.0", "scheduler": "1.0", "compute": "1.0", "network": "1.0"},
        released=False,
    ),
)
CURRENT = RELEASES[-1]


def version_for(topic: str, pin: str | None, peers: int | None = None) -> Version | None:
    """The version to speak to `topic`, None for the newest.

    `pin`: the option of [upgrade_levels]: a release, a version, `auto` or None. `peers`: the
    lowest wire level among the services of that topic, where known. ConfigurationError for a
    pin that means nothing.
    """
    if pin is None or pin == "auto":
        if pin is None or peers is None or peers >= CURRENT.level:
            return None
        fit = [release for release in RELEASES if release.level <= peers]
        return parse_version((fit[-1] if fit else RELEASES[0]).versions[topic])
    for release in RELEASES:
        if release.name == pin:
            return parse_version(release.versions[topic])
    try:
        return parse_version(pin)
    except TypeError as error:
        known = ", ".join(release.name for release in RELEASES)
        raise errors.ConfigurationError(
            option=f"[upgrade_levels] {topic}",
            reason=f"{pin!r} is neither auto nor a version nor one of the releases {known}",
        ) from error


# --- fingerprints -------------------------------------------------------------------------


def fingerprints() -> dict[str, Any]:
    """Everything on the wire as text: methods with their parameters, structs with their
    fields, enumerations with their values."""
    found: dict[str, Any] = {}
    methods: dict[str, dict[str, str]] = {}
    versions = {}
    for contract in CONTRACTS:
        compiled = compile_contract(contract)
        versions[compiled.topic] = compiled.version
        for name, method in sorted(compiled.methods.items()):
            methods[f"{compiled.name}.{name}"] = _method(method)
            for hint in (*method.parameters.values(), method.returns):
                _describe(hint, found)
    for envelope in (codec.Request, codec.WireError):
        _describe(envelope, found)
    return {
        "level": CURRENT.level,
        "versions": versions,
        "methods": methods,
        "types": dict(sorted(found.items())),
    }


def _method(method: Method) -> dict[str, str]:
    lines = {"()": f"{method.kind} since {method.since[0]}.{method.since[1]}"}
    for field in msgspec.structs.fields(method.args):
        lines[field.name] = _text(method.parameters[field.name]) + _default(field)
    return {**lines, "->": _text(method.returns)}


def _describe(hint: Any, found: dict[str, Any]) -> None:
    """Add the structs and enumerations in `hint`, and what they consist of."""
    for part in _parts(hint):
        name = f"{part.__module__}.{part.__qualname__}"
        if name in found:
            continue
        if issubclass(part, enum.Enum):
            found[name] = [str(member.value) for member in part]
            continue
        found[name] = {}
        struct: Any = part
        for field in msgspec.structs.fields(struct):
            found[name][field.encode_name] = _text(field.type) + _default(field)
            _describe(field.type, found)


def _parts(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and issubclass(hint, (msgspec.Struct, enum.Enum)):
        yield hint
    for argument in typing.get_args(hint):
        yield from _parts(argument)


def _text(hint: Any) -> str:
    """A type as it is written, whatever the release of Python."""
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(sorted(_text(argument) for argument in arguments))
    if arguments:
        name = getattr(origin, "__name__", str(origin))
        return f"{name}[{', '.join(_text(argument) for argument in arguments)}]"
    if hint is type(None) or hint is None:
        return "None"
    return getattr(hint, "__name__", None) or str(hint)


def _default(field: Any) -> str:
    default = field.default
    if isinstance(default, msgspec.Raw):
        default = bytes(default)
    if isinstance(default, enum.Enum):
        default = default.value
    if default is not msgspec.NODEFAULT:
        return f" = {default!r}"
    if field.default_factory is not msgspec.NODEFAULT:
        return f" = {getattr(field.default_factory, '__name__', '...')}()"
    return ""


def stored() -> dict[str, Any]:
    """What fingerprints.json holds."""
    return dict(json.loads(FINGERPRINTS.read_text(encoding="utf-8")))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The changes between two fingerprints, one line each."""
    lines = []
    for section in ("versions", "methods", "types"):
        before, after = old.get(section, {}), new.get(section, {})
        for name in sorted({*before, *after}):
            lines += _difference(name, before.get(name), after.get(name))
    return lines


def _difference(name: str, before: Any, after: Any) -> list[str]:
    if before == after:
        return []
    if before is None or after is None:
        return [f"{'added' if before is None else 'removed'}: {name}"]
    if isinstance(before, str):
        return [f"version of {name}: {before} -> {after}"]
    if isinstance(before, list):
        return [f"values of {name}: {before} -> {after}"]
    lines = []
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            was, now = before.get(key, "nothing"), after.get(key, "nothing")
            lines.append(f"{name} {key}: {was} -> {now}")
    return lines


def breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The differences that a service of the release before cannot live with."""
    lines = []
    for line in differences(old, new):
        if line.startswith(("added: ", "version of ")):
            continue
        before, _, after = line.partition(": ")[2].partition(" -> ")
        if before == "nothing" and " = " in after:
            continue  # a new field or parameter with a default
        lines.append(line)
    return lines


def main(arguments: list[str]) -> int:
    """Exit code 1 when fingerprints.json is not up to date, or may not be made so."""
    new = fingerprints()
    old = stored() if FINGERPRINTS.exists() else {"level": 0}
    changes = differences(old, new)
    if "--write" not in arguments:
        sys.stdout.writelines(f"{line}\n" for line in changes)
        return 1 if changes else 0
    broken = breaks(old, new)
    if CURRENT.released and broken and old["level"] == new["level"]:
        sys.stderr.write("The wire level is released. It may not change like this:\n")
        sys.stderr.writelines(f"  {line}\n" for line in broken)
        return 1
    FINGERPRINTS.write_text(json.dumps(new, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{FINGERPRINTS}: {len(changes)} changes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
