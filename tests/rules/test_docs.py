# SPDX-License-Identifier: Apache-2.0
"""The documentation leads somewhere, and is honest about what is missing."""

import re
from pathlib import Path

import pytest

from nova_lite.domain.states import Action
from tests.rules.tree import PACKAGE, ROOT, shown, unwritten

DOCS = ROOT / "docs"
NOT_THERE = DOCS / "contributor" / "not-there-yet.md"
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"```.*?```", re.DOTALL)


def _pages() -> list[Path]:
    pages = [p for p in DOCS.rglob("*.md") if "_build" not in p.parts]
    return sorted([*pages, *ROOT.glob("*.md")])


def test_links_lead_somewhere() -> None:
    bad = []
    for page in _pages():
        for target in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
            if "://" not in target and not target.startswith("mailto:"):
                if not (page.parent / target).exists():
                    bad.append(f"{shown(page)}: {target}")
    assert not bad


PLACE = re.compile(r"`((?:nova_lite|tests|docs|devstack|bench|releasenotes)/[\w./-]+)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)`(?:, `[^`]+`)*: `(\w+)`")


def lost(text: str) -> list[str]:
    """Places of the repository that a page names and that are not there; tests likewise."""
    found = [place for place in PLACE.findall(text) if not (ROOT / place).exists()]
    for place, name in TEST.findall(text):
        path = ROOT / place
        if path.exists() and not re.search(rf"\b{name}\b", path.read_text(encoding="utf-8")):
            found.append(f"{place}: {name}")
    return found


def test_places_that_are_named_exist() -> None:
    bad = [
        f"{shown(page)}: {place}"
        for page in _pages()
        for place in lost(page.read_text(encoding="utf-8"))
    ]
    assert not bad


def test_the_rule_sees_what_is_lost() -> None:
    text = "`nova_lite/api/faults.py` `nova_lite/no_such.py` `nova_lite/<noun>.py`"
    assert lost(text) == ["nova_lite/no_such.py"]
    assert lost("`tests/rules/tree.py`: `shown`") == []
    assert lost("`tests/rules/tree.py`: `test_nowhere`") == ["tests/rules/tree.py: test_nowhere"]


def test_decisions_are_numbered_and_listed() -> None:
    folder = DOCS / "adr"
    index = (folder / "index.md").read_text(encoding="utf-8")
    names = sorted(p.name for p in folder.glob("*.md") if p.name != "index.md")
    numbers = [name.split("-")[0] for name in names]
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    assert not [name for name in names if name.removesuffix(".md") not in index]


# Actions that are not rows of the API's table: other calls ask for them, or nobody does.
ASKED_OTHERWISE = {
    "create",  # POST /servers
    "update",  # PUT /servers/{id}
    "soft_delete",  # DELETE, where deleted servers are kept for a while
    "force_stop",  # power sync
}


def test_every_action_is_offered_or_listed_as_missing() -> None:
    """The life-cycle table is complete from the start; the code behind it is not."""
    if unwritten():
        pytest.skip(f"not written yet: {', '.join(unwritten())}")
    api = "\n".join(p.read_text(encoding="utf-8") for p in (PACKAGE / "api").rglob("*.py"))
    missing = NOT_THERE.read_text(encoding="utf-8")
    silent = [
        action.value
        for action in Action
        if action.value not in ASKED_OTHERWISE
        and f"Action.{action.name}" not in api
        and f"`{action.value}`" not in missing
    ]
    assert not silent, f"neither in the API nor in {shown(NOT_THERE)}"


def test_what_is_there_is_not_listed_as_missing() -> None:
    """A row of the API's action table makes the line in the list untrue."""
    table = PACKAGE / "api" / "actions" / "table.py"
    if not table.exists():
        pytest.skip(f"{shown(table)} is not written yet")
    rows = table.read_text(encoding="utf-8")
    section = NOT_THERE.read_text(encoding="utf-8").split("## Actions", 1)[1].split("\n## ", 1)[0]
    named = set(re.findall(r"\bAction\.([A-Z_]+)", rows))
    stale = [a.value for a in Action if a.name in named and f"`{a.value}`" in section]
    assert not stale, f"take it out of {shown(NOT_THERE)}"


def test_docs_do_not_promise() -> None:
    """Plans are issues. The documentation says what is."""
    words = re.compile(r"\b(TODO|FIXME|XXX|TBD)\b")
    bad = [
        f"{shown(path)}: {match.group()}"
        for path in [*_pages(), *PACKAGE.rglob("*.py")]
        for match in words.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not bad
