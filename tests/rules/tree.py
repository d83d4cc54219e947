# SPDX-License-Identifier: Apache-2.0
"""The source tree as the rules see it: files, their syntax trees, and what their names mean."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "nova_lite"
CODE = ("nova_lite", "tests", "bench", "devstack", "docs")


# When each of these exists, nothing may be missing any more: the rules then stop to be patient.
LANDMARKS = (
    *(f"{layer}/__init__.py" for layer in ("domain", "base", "rpc", "db", "virt", "backends")),
    *(f"cmd/{name}.py" for name in ("api", "scheduler", "conductor", "compute", "manage")),
    "cli/main.py",
)


def unwritten() -> list[str]:
    """The landmarks of the package that are not there yet."""
    return [name for name in LANDMARKS if not (PACKAGE / name).exists()]


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the repository that exist, sorted."""
    found: list[Path] = []
    for folder in folders or CODE:
        found += [p for p in (ROOT / folder).rglob("*.py") if "_build" not in p.parts]
    return sorted(found)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path, line: int | None = None) -> str:
    """A place as people write it: path from the root, and the line."""
    name = str(path.relative_to(ROOT))
    return name if line is None else f"{name}:{line}"


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """The full name of every module that is imported anywhere in the tree, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno


def bound_names(tree: ast.AST) -> dict[str, str]:
    """Local name -> what it stands for, for the names that import statements bind."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.AST) -> str | None:
    """`a.b.c` for the expression a.b.c, None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return None if head is None else f"{head}.{node.attr}"
    return None


def meaning(node: ast.AST, names: dict[str, str]) -> str | None:
    """`dotted`, with the first word replaced by what it was imported as."""
    written = dotted(node)
    if written is None:
        return None
    head, _, rest = written.partition(".")
    full = names.get(head, head)
    return f"{full}.{rest}" if rest else full
