# SPDX-License-Identifier: Apache-2.0
"""The history as a whole: complete, and about things that are there."""

import copy
from collections import Counter
from pathlib import Path

import pytest

from nova_lite.api import validation
from nova_lite.api.routes import ROUTES, collect
from nova_lite.api.versions import CHANGES, HISTORY
from nova_lite.api.versions import __file__ as versions_file
from nova_lite.api.versions.__main__ import page
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import EVERY, Change, Drop
from nova_lite.api.versions.history import LEGACY, History, compose
from nova_lite.api.view import Collection, Item

NAMES = {route.name for route in ROUTES}
SHAPES = {r.view.shape for r in ROUTES if isinstance(r.view, Item | Collection)}


def test_every_microversion_is_there_in_order() -> None:
    assert [change.number for change in CHANGES] == list(range(1, 105))
    assert all(change.title for change in CHANGES)


def test_every_module_is_in_the_list() -> None:
    files = {int(p.stem.removeprefix("v2_")) for p in Path(versions_file).parent.glob("v2_*.py")}
    text = Path(versions_file).read_text()
    assert files == {n for n in range(1, 105) if f"v2_{n}.CHANGE" in text}


def test_every_behaviour_belongs_to_one_change() -> None:
    counted = Counter(b for change in CHANGES for b in change.behaviours)
    assert {b: counted[b] for b in Behaviour} == dict.fromkeys(Behaviour, 1)


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: f"2.{c.number}")
def test_a_change_is_about_what_is_there(change: Change) -> None:
    strict = set() if change.strict_query == EVERY else change.strict_query
    named = {*change.adds, *change.ends, *change.body, *change.query, *change.status, *strict}
    assert named <= NAMES
    assert set(change.response) <= SHAPES


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: r.name)
def test_schemas_are_good_at_every_version(route: object) -> None:
    """Each step finds what it changes, and what comes out is a JSON schema."""
    body, query = copy.deepcopy(route.body), copy.deepcopy(route.query)  # type: ignore[attr-defined]
    name = route.name  # type: ignore[attr-defined]
    for kind, newest in (("body", body), ("query", query)):
        for band in HISTORY.bands(name, kind):
            made = getattr(HISTORY, kind)(name, newest, band.start)
            validation.check_schema(made)
    assert (body, query) == (route.body, route.query), "a step has changed the newest schema"  # type: ignore[attr-defined]


def test_bands_cover_the_window() -> None:
    for route in ROUTES:
        since, until = HISTORY.window(route.name)
        for kind in ("body", "query"):
            covered = [v for band in HISTORY.bands(route.name, kind) for v in band]
            assert covered == list(range(since, until + 1)), route.name


def test_a_small_history() -> None:
    def upper(item: dict, source: object, request: object) -> None:
        item["name"] = item["name"].upper()

    history = History(
        [
            Change(number=1, title="first"),
            Change(number=2, title="adds b", response={"s": (Drop("b"),)}),
            Change(number=3, title="lower case", response={"s": (upper,)}, adds=frozenset({"r"})),
            Change(
                number=4,
                title="adds c, ends r",
                response={"s": (Drop("c"),)},
                ends=frozenset({"r"}),
                status={"r": 200},
            ),
        ]
    )
    assert history.older("s", 4) is None
    shown = {}
    for version in history.all_versions():
        item = {"name": "n", "b": 1, "c": 2}
        older = history.older("s", version)
        if older is not None:
            older(item, None, None)
        shown[version] = item
    assert shown == {
        4: {"name": "n", "b": 1, "c": 2},
        3: {"name": "n", "b": 1},
        2: {"name": "N", "b": 1},
        1: {"name": "N"},
        0: {"name": "N"},
    }
    assert history.window("r") == (3, 3)
    assert [history.offered("r", v) for v in range(5)] == [False, False, False, True, False]
    assert history.status("r", 3, 202) == 200
    assert history.status("r", 4, 202) == 202
    assert history.older("s", 1) is history.older("s", 1)


def test_drops_in_a_row_become_one() -> None:
    item = {"a": 1, "b": 2, "c": 3}
    merged = compose([Drop("a"), Drop("b")])
    assert isinstance(merged, Drop)
    merged(item, None, None)
    assert item == {"c": 3}


def test_everything_compiles() -> None:
    matcher = collect()
    entries = [entry for _, _, entry in matcher]
    assert len(entries) > 50
    entry, _, _ = matcher.find("POST", ["servers"])  # type: ignore[misc]
    assert entry.at[LEGACY].body is not entry.at[1].body
    assert entry.at[94].body is entry.at[104].body
    assert entry.at[93].body is not entry.at[94].body


def test_the_page_of_the_documentation_is_up_to_date() -> None:
    found = (Path(__file__).parents[3] / "docs" / "admin" / "microversions.md").read_text()
    assert found == page(), "python -m nova_lite.api.versions > docs/admin/microversions.md"
