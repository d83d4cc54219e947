# SPDX-License-Identifier: Apache-2.0
"""What may be done at one place only: eventlet, version comparisons, mocks, waiting."""

import ast
import re
from pathlib import Path

from tests.rules.tree import (
    PACKAGE,
    ROOT,
    bound_names,
    dotted,
    imports,
    meaning,
    parsed,
    python_files,
    shown,
)

EVENTLET_DOOR = PACKAGE / "base" / "concurrency.py"
WAITING_DOOR = ROOT / "tests" / "fixtures" / "wait.py"
SLEEPS = {"time.sleep", "asyncio.sleep", "eventlet.sleep", "nova_lite.base.concurrency.sleep"}


def test_only_concurrency_imports_eventlet() -> None:
    bad = [
        shown(path, line)
        for path in python_files()
        if path != EVENTLET_DOOR
        for name, line in imports(parsed(path))
        if name.split(".")[0] in ("eventlet", "greenlet")
    ]
    assert not bad, "use nova_lite.base.concurrency"


def sleeps(tree: ast.Module, lines: list[str]) -> list[int]:
    names = bound_names(tree)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and meaning(node.func, names) in SLEEPS
        and not lines[node.lineno - 2].strip().startswith("# pause:")
    ]


def test_tests_do_not_sleep() -> None:
    bad = []
    for path in python_files("tests"):
        if path != WAITING_DOOR:
            lines = path.read_text(encoding="utf-8").splitlines()
            bad += [shown(path, line) for line in sleeps(parsed(path), lines)]
    assert not bad, (
        "wait for a condition with a deadline: tests.fixtures.wait.wait_for. Where the pause is "
        "the test itself (a random moment), the line above says so: # pause: why"
    )


def test_the_sleep_rule_sees_sleeps() -> None:
    text = "import time as t\nt.sleep(1)\n# pause: a random moment\nt.sleep(2)\nsleep = 3\n"
    assert sleeps(ast.parse(text), text.splitlines()) == [2]


def _mocked(call: ast.Call, names: dict[str, str]) -> str | None:
    """What a call replaces by something untrue, when that is ours."""
    called = meaning(call.func, names) or ""
    words = called.split(".")
    patches = words[-1] == "patch" or "patch" in words[:-1] and words[-1] in ("object", "dict")
    sets = words[0] in ("monkeypatch", "mp") and words[-1] in ("setattr", "delattr")
    specs = words[-1] in ("create_autospec",) or (
        words[-1].endswith("Mock") and any(k.arg in ("spec", "spec_set") for k in call.keywords)
    )
    if not (patches or sets or specs):
        return None
    targets = list(call.args[:1])
    if specs:
        targets += [k.value for k in call.keywords if k.arg in ("spec", "spec_set")]
    for target in targets:
        if isinstance(target, ast.Constant) and isinstance(target.value, str):
            what: str | None = target.value
        else:
            what = meaning(target, names)
        if what and what.split(".")[0] == "nova_lite":
            return what
    return None


def mocks_without_reason(path: Path, tree: ast.Module, lines: list[str]) -> list[str]:
    names = bound_names(tree)
    bad = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        what = _mocked(node, names)
        if what is None:
            continue
        above = lines[node.lineno - 2].strip() if node.lineno > 1 else ""
        if not above.startswith("#"):
            bad.append(f"{shown(path, node.lineno)}: {what}")
    return bad


def test_a_mock_of_our_own_code_says_why() -> None:
    bad: list[str] = []
    for path in python_files("tests"):
        lines = path.read_text(encoding="utf-8").splitlines()
        bad += mocks_without_reason(path, parsed(path), lines)
    assert not bad, "use a fake at a port; or say why not, in a comment on the line above"


def test_the_mock_rule_sees_mocks() -> None:
    text = (
        "from unittest import mock\n"
        "from nova_lite.base import clock\n"
        "def test(monkeypatch):\n"
        "    mock.patch('nova_lite.base.clock.now')\n"
        "    mock.patch.object(clock, 'now')\n"
        "    monkeypatch.setattr(clock, 'now', None)\n"
        "    # the clock of the library cannot be set\n"
        "    mock.patch.object(clock, 'now')\n"
        "    monkeypatch.setattr('os.environ', {})\n"
    )
    found = mocks_without_reason(ROOT / "tests" / "x.py", ast.parse(text), text.splitlines())
    assert [line.split(":")[1] for line in found] == ["4", "5", "6"]


VERSION_WORD = re.compile(r"(^|_)(micro)?version$", re.IGNORECASE)


def _is_version(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    name = (dotted(node) or "").split(".")[-1]
    return bool(VERSION_WORD.search(name))


def version_comparisons(tree: ast.Module) -> list[int]:
    ordered = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        if any(map(_is_version, sides)) and any(isinstance(op, ordered) for op in node.ops):
            lines.append(node.lineno)
    return lines


def test_versions_are_compared_in_one_place() -> None:
    bad = [
        shown(path, line)
        for path in python_files("nova_lite/api")
        if (PACKAGE / "api" / "versions") not in path.parents
        for line in version_comparisons(parsed(path))
    ]
    assert not bad, "handlers are written for the newest version; see nova_lite/api/versions"


def test_the_version_rule_sees_comparisons() -> None:
    text = "if request.version >= (2, 19): pass\nif version is None: pass\nx = a < api_version\n"
    assert version_comparisons(ast.parse(text)) == [1, 3]
