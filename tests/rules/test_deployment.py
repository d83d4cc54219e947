# SPDX-License-Identifier: Apache-2.0
"""What etc/ and devstack/ say about the daemons is true and safe."""

import configparser
import tomllib
from pathlib import Path

import pytest

from tests.rules.tree import ROOT, shown

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NOT_DAEMONS = {"nova-lite", "nova-lite-manage", "nova-lite-status"}
# The only one that changes the machine: devices, rules, namespaces.
CAPABILITIES = {
    "nova-lite-network": "CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_NET_RAW CAP_SYS_ADMIN",
}
# What these start goes on without them.
KEEP_PROCESSES = ("nova-lite-compute", "nova-lite-network")
UNITS = sorted((ROOT / "etc" / "systemd").glob("*.service"))
HARDENED = {
    "NoNewPrivileges": "yes",
    "PrivateTmp": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "User": "nova-lite",
    "Type": "notify",
    "Restart": "always",
}


def _unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def test_every_daemon_has_a_unit() -> None:
    daemons = set(PROJECT["scripts"]) - NOT_DAEMONS
    assert {path.stem for path in UNITS} == daemons


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_units_are_hardened_and_start_their_daemon(path: Path) -> None:
    service = _unit(path)["Service"]
    assert service["ExecStart"].split()[0] == f"/usr/bin/{path.stem}"
    few = CAPABILITIES.get(path.stem, "")
    wanted = {**HARDENED, "CapabilityBoundingSet": few, "AmbientCapabilities": few}
    differs = {key: service.get(key) for key in wanted if service.get(key) != wanted[key]}
    assert not differs, shown(path)


@pytest.mark.parametrize("name", KEEP_PROCESSES)
def test_a_restart_leaves_what_guests_need_alone(name: str) -> None:
    service = _unit(ROOT / "etc" / "systemd" / f"{name}.service")["Service"]
    assert service["KillMode"] == "process"


def test_packages_are_said_once() -> None:
    lines = (ROOT / "devstack" / "packages").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith("#")]
    assert len(packages) == len(set(packages))
    assert not [package for package in packages if " " in package]
