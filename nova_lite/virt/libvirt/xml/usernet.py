# SPDX-License-Identifier: Apache-2.0
"""Interfaces in user mode: what QEMU calls them, and what it says of them on its own console."""

import re
from xml.etree import ElementTree as ET

# libvirt calls a device net0, and what stands behind it hostnet0.
_BEHIND = "host"
_STACK = re.compile(r"\((?P<name>[^)]+)\):")
_FORWARD = re.compile(
    r"TCP\[HOST_FORWARD\]\s+\d+\s+(?P<host>\S+)\s+(?P<port>\d+)\s+(?P<guest>\S+)\s+(?P<to>\d+)"
)


def user_netdev(domain: str) -> str | None:
    """The first interface in user mode of a guest that runs; None without one."""
    for found in ET.fromstring(domain).iterfind("./devices/interface[@type='user']"):
        alias = found.find("alias")
        if alias is not None and alias.get("name"):
            return f"{_BEHIND}{alias.get('name')}"
    return None


def forward_line(netdev: str, address: str, port: int, to: int) -> str:
    """The command that forwards a TCP port of the host to one of the guest."""
    return f"hostfwd_add {netdev} tcp:{address}:{port}-:{to}"


def forwarded(usernet: str, netdev: str, to: int) -> tuple[str, int] | None:
    """(address, port) of the host that go to the guest's port `to`, from `info usernet`."""
    name = None
    for line in usernet.splitlines():
        stack = _STACK.search(line)
        if stack is not None:
            name = stack["name"]
        found = _FORWARD.search(line)
        if found is not None and name == netdev and int(found["to"]) == to:
            return found["host"], int(found["port"])
    return None
