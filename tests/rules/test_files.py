# SPDX-License-Identifier: Apache-2.0
"""Names, headers and sizes of files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.tree import ROOT, parsed, python_files, shown

HEADER = "# SPDX-License-Identifier: Apache-2.0"
NO_NAME_YET = {"utils", "util", "common", "helpers", "helper", "misc"}
MODULE_LINES = 600
FUNCTION_LINES = 60


def test_no_module_without_a_noun() -> None:
    bad = []
    for path in python_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        bad += [f"{shown(path)}: {part}" for part in parts if part in NO_NAME_YET]
    assert not bad, "a function without a home has no name yet; give it one"


def test_licence_header() -> None:
    bad = []
    for path in python_files():
        lines = path.read_text(encoding="utf-8").splitlines()[:2]
        if lines and lines[0].startswith("#!"):
            lines = lines[1:]
        if not lines or lines[0] != HEADER:
            bad.append(shown(path))
    assert not bad, f"the first line has to be: {HEADER}"


def _is_revision(path: Path) -> bool:
    """A step of a schema is as long as the tables that it makes."""
    return path.parent.name == "versions" and path.parent.parent.name == "alembic"


def test_large_modules_say_why() -> None:
    bad = []
    for path in python_files():
        if _is_revision(path):
            continue
        size = len(path.read_text(encoding="utf-8").splitlines())
        if size > MODULE_LINES and "size:" not in (ast.get_docstring(parsed(path)) or ""):
            bad.append(f"{shown(path)}: {size} lines")
    assert not bad, "say why in the module's docstring, on a line that begins with 'size:'"


def test_large_functions_say_why() -> None:
    bad = []
    for path in python_files("nova_lite"):
        tree = parsed(path)
        if _is_revision(path) or "size:" in (ast.get_docstring(tree) or ""):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > FUNCTION_LINES and "size:" not in (ast.get_docstring(node) or ""):
                bad.append(f"{shown(path, node.lineno)} {node.name}: {size} lines")
    assert not bad, "split it, or say why in its docstring, on a line that begins with 'size:'"


def _structs(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
            if "Struct" in bases:
                yield node


@pytest.mark.parametrize("folder", ["nova_lite", "tests", "bench"])
def test_annotations_read_at_run_time_are_real(folder: str) -> None:
    bad = []
    for path in python_files(folder):
        tree = parsed(path)
        postponed = any(
            isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body
        )
        if postponed and (any(_structs(tree)) or "contracts" in path.parts):
            bad.append(shown(path))
    assert not bad, "structs and contracts are read at run time: no `from __future__` there"


def test_every_package_folder_is_a_package() -> None:
    bad = [
        shown(path.parent)
        for path in python_files("nova_lite")
        if not (path.parent / "__init__.py").exists() and "versions" not in path.parts
    ]
    assert not bad, "an __init__.py is missing: import-linter and packaging would not see it"
