# SPDX-License-Identifier: Apache-2.0
"""Folders whose members are listed: a file that is not in its list would be dead code."""

import ast
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.rules.tree import PACKAGE, ROOT, imports, parsed, python_files, shown, unwritten


def _classes_with(path: Path, method: str) -> list[str]:
    return [
        node.name
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef)
        and "Protocol" not in {ast.unparse(base).split(".")[-1] for base in node.bases}
        and any(isinstance(item, ast.FunctionDef) and item.name == method for item in node.body)
    ]


def _listed_names(init: Path) -> set[str]:
    """The names that stand in a literal collection at the top of the module, calls included."""
    names: set[str] = set()
    for statement in parsed(init).body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets):
            continue
        for node in ast.walk(statement.value):
            if isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.Attribute):
                names.add(node.attr)
    return names


@pytest.mark.parametrize(("folder", "method"), [("filters", "check"), ("weighers", "score")])
def test_every_member_of_the_pipeline_is_listed(folder: str, method: str) -> None:
    where = PACKAGE / "scheduler" / folder
    if not where.exists():
        pytest.skip(f"{shown(where)} is not written yet")
    listed = _listed_names(where / "__init__.py")
    members = {
        name: shown(path)
        for path in sorted(where.glob("*.py"))
        if path.name != "__init__.py"
        for name in _classes_with(path, method)
    }
    assert members, "no member was found: has the shape of the folder changed?"
    missing = [f"{path}: {name}" for name, path in members.items() if name not in listed]
    assert not missing, f"add it to the list in {shown(where / '__init__.py')}, with its reason"


@pytest.mark.parametrize("database", ["api", "cell"])
def test_a_revision_tree_has_one_head(database: str) -> None:
    tree = PACKAGE / "db" / database / "alembic"
    if not (tree / "versions").exists():
        pytest.skip(f"{shown(tree)} is not written yet")
    heads = ScriptDirectory(str(tree)).get_heads()
    assert len(heads) == 1, f"{shown(tree)} has the heads {heads}: rebase one on the other"


def test_every_microversion_module_is_in_the_history() -> None:
    where = PACKAGE / "api" / "versions"
    modules = {path.stem for path in where.glob("v2_*.py")}
    if not modules:
        pytest.skip(f"{shown(where)} is not written yet")
    missing = sorted(modules - _listed_names(where / "__init__.py"))
    assert not missing, f"add it to the list in {shown(where / '__init__.py')}"


def test_every_resource_is_routed() -> None:
    where = PACKAGE / "api" / "resources"
    routes = PACKAGE / "api" / "routes.py"
    if unwritten():
        pytest.skip(f"not written yet: {', '.join(unwritten())}")
    routed = {name for name, _ in imports(parsed(routes))}
    folders = [path for path in sorted(where.iterdir()) if (path / "__init__.py").exists()]
    missing = [
        shown(folder)
        for folder in folders
        if f"nova_lite.api.resources.{folder.name}.routes" not in routed
    ]
    assert folders and not missing, f"add its ROUTES to the list in {shown(routes)}"


def test_every_test_file_is_collected() -> None:
    bad = []
    for path in python_files("tests"):
        has_tests = any(
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and node.name.startswith(("test_", "Test"))
            for node in parsed(path).body
        )
        if has_tests and not path.name.startswith("test_") and "fixtures" not in path.parts:
            bad.append(shown(path))
    assert not bad, "pytest collects only test_*.py"


def test_the_import_contracts_name_what_exists() -> None:
    """A contract about a module that is gone would hold for ever."""
    missing = []
    for line in (ROOT / ".importlinter").read_text(encoding="utf-8").splitlines():
        name = line.strip().split(" -> ")[0]
        if not name.startswith("nova_lite.") or "*" in name:
            continue
        path = ROOT / name.replace(".", "/")
        if not (path.is_dir() or path.with_suffix(".py").exists()):
            missing.append(name)
    if missing and unwritten():
        pytest.skip(f"not written yet: {', '.join(missing)}")
    assert not missing
