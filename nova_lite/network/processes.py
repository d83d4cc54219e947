# SPDX-License-Identifier: Apache-2.0
"""Processes that outlive the daemon: the keepers of namespaces and dnsmasq. They are found
again by files, and by what the kernel says of them, so that a reused pid fools nobody."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nova_lite.base import files


def started_at(pid: int) -> str | None:
    """The kernel's start time of a process (ticks since boot); None when it is gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if after_name[0] in "ZX" else after_name[19]


def keeper(folder: Path) -> int | None:
    """The process that keeps the network's namespace, while it lives."""
    try:
        pid, started = (folder / "keeper.pid").read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if started_at(int(pid)) == started else None


def keep_keeper(folder: Path, pid: int) -> None:
    files.write_whole(folder / "keeper.pid", f"{pid} {started_at(pid)}\n")


def dnsmasq(folder: Path) -> int | None:
    """The network's dnsmasq, while it lives."""
    try:
        pid = int((folder / "dnsmasq.pid").read_text())
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    mine = f"--conf-file={folder / 'dnsmasq.conf'}".encode()
    return pid if mine in words and started_at(pid) else None


def given(folder: Path) -> dict[str, Any]:
    """What the running dnsmasq was started with, and the addresses it may have leased since:
    {"digest": ..., "leases": {address: MAC}}."""
    try:
        found = json.loads((folder / "dnsmasq.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def keep_given(folder: Path, digest: str, leases: Mapping[str, str]) -> None:
    text = json.dumps({"digest": digest, "leases": dict(leases)}, indent=1)
    files.write_whole(folder / "dnsmasq.json", text + "\n")
