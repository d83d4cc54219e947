# SPDX-License-Identifier: Apache-2.0
"""What pyproject.toml promises is there."""

import ast
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.rules.tree import ROOT, imports, parsed, python_files, shown, unwritten

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Distribution -> the package that it installs, where the two names differ.
IMPORTED_AS = {
    "keystoneauth1": "keystoneauth1",
    "openstacksdk": "openstack",
    "pastedeploy": "paste",
    "paste": "paste",
    "pymysql": "pymysql",
    "pyyaml": "yaml",
    "psycopg2-binary": "psycopg2",
    "libvirt-python": "libvirt",
}
# Needed at run time without being imported by name.
NOT_IMPORTED = {"greenlet", "pastedeploy", "paste", "pymysql"}


def _entry_points() -> Iterator[tuple[str, str, str]]:
    for name, target in PROJECT["scripts"].items():
        yield "scripts", name, target
    for group, members in PROJECT["entry-points"].items():
        for name, target in members.items():
            yield group, name, target


@pytest.mark.parametrize(("group", "name", "target"), list(_entry_points()))
def test_entry_points_lead_somewhere(group: str, name: str, target: str) -> None:
    module, _, attribute = target.partition(":")
    path = (ROOT / module.replace(".", "/")).with_suffix(".py")
    if not path.exists():
        path = path.with_suffix("") / "__init__.py"
    if not path.exists() and unwritten():
        pytest.skip(f"{module} is not written yet")
    assert path.exists(), f"{group}: {name} leads to {module}, which does not exist"
    defined = set()
    for node in parsed(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            defined |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            defined |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    assert attribute in defined, f"{shown(path)} has no {attribute}"


def _requirement(line: str) -> str:
    name = line.split(";")[0]
    for sign in "<>=!~[ ":
        name = name.split(sign)[0]
    return name.lower()


def _package_of(requirement: str) -> str:
    return IMPORTED_AS.get(requirement, requirement.replace(".", "_").replace("-", "_"))


def test_what_is_imported_is_required() -> None:
    extras = [line for group in PROJECT["optional-dependencies"].values() for line in group]
    required = {_package_of(_requirement(r)) for r in PROJECT["dependencies"]}
    optional = {_package_of(_requirement(r)) for r in extras}
    missing = set()
    for path in python_files("nova_lite"):
        for name, line in imports(parsed(path)):
            top = name.split(".")[0]
            if top in sys.stdlib_module_names or top in ("nova_lite", "__future__"):
                continue
            if top not in required | optional:
                missing.add(f"{shown(path, line)}: {top}")
    assert not missing, "add it to dependencies in pyproject.toml"


def test_a_required_library_is_used() -> None:
    if unwritten():
        pytest.skip(f"not written yet: {', '.join(unwritten())}")
    used = {
        name.split(".")[0]
        for path in python_files("nova_lite")
        for name, _ in imports(parsed(path))
    }
    ini = ROOT / "etc" / "nova-lite" / "api-paste.ini"
    pipelines = ini.read_text(encoding="utf-8") if ini.exists() else ""
    unused = [
        requirement
        for requirement in map(_requirement, PROJECT["dependencies"])
        if requirement not in NOT_IMPORTED
        and _package_of(requirement) not in used
        and _package_of(requirement) not in pipelines
    ]
    assert not unused, "take it out of dependencies in pyproject.toml"
