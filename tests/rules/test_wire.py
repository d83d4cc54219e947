# SPDX-License-Identifier: Apache-2.0
"""What is on the wire changes on purpose only."""

import copy

from nova_lite.rpc import wire
from nova_lite.rpc.contract import compile_contract

HOW = """
What travels between the services has changed:
  {changes}
Rules: new fields and parameters have a default; a type, a meaning or a name never changes, a
new method or field takes its place. For a change to a contract raise its VERSION, give the new
method `since`, the new parameter a row in `added`, and (once the level is released) add a row
to RELEASES in nova_lite/rpc/wire.py. Then run: python -m nova_lite.rpc.wire --write
"""


def test_the_wire_is_as_it_was_recorded() -> None:
    changes = wire.differences(wire.stored(), wire.fingerprints())
    assert not changes, HOW.format(changes="\n  ".join(changes))


def test_the_history_names_the_versions_of_the_contracts() -> None:
    has = {c.topic: c.version for c in map(compile_contract, wire.CONTRACTS)}
    assert dict(wire.CURRENT.versions) == has


def test_levels_rise() -> None:
    levels = [release.level for release in wire.RELEASES]
    assert levels == list(range(1, len(levels) + 1))
    assert all(release.released for release in wire.RELEASES[:-1])


def changed(path: list[str], value: object) -> dict[str, object]:
    """The recorded fingerprints with one thing changed (None: removed)."""
    new = copy.deepcopy(wire.stored())
    place = new
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return new


def test_additions_with_defaults_are_harmless() -> None:
    old = wire.stored()
    struct = next(name for name, value in old["types"].items() if isinstance(value, dict))
    method = next(iter(old["methods"]))
    for path, value in (
        (["types", struct, "brand_new"], "int = 0"),
        (["methods", method, "brand_new"], "str | None = None"),
        (["methods", "Conductor.brand_new"], {"()": "call since 1.1", "->": "None"}),
        (["versions", "conductor"], "1.99"),
    ):
        new = changed(path, value)
        assert wire.differences(old, new)
        assert wire.breaks(old, new) == []


def test_everything_else_breaks_the_release_before() -> None:
    old = wire.stored()
    struct = next(name for name, value in old["types"].items() if isinstance(value, dict))
    field = next(iter(old["types"][struct]))
    enumeration = next(name for name, value in old["types"].items() if isinstance(value, list))
    method = next(iter(old["methods"]))
    for path, value in (
        (["types", struct, "brand_new"], "int"),
        (["types", struct, field], "something else"),
        (["types", struct, field], None),
        (["types", enumeration], ["only"]),
        (["methods", method], None),
        (["methods", method, "()"], "cast since 1.0"),
        (["methods", method, "->"], "something else"),
    ):
        assert wire.breaks(old, changed(path, value)), path
