# SPDX-License-Identifier: Apache-2.0
"""dnsmasq for one network: its files, its process."""

import logging
import signal
from pathlib import Path

from nova_lite.base import clock, files
from nova_lite.network import dnsmasq, processes
from nova_lite.network.privileged import calls

LOG = logging.getLogger(__name__)

ENDS_WITHIN = 5.0  # seconds


def serve(folder: Path, holder: int, wanted: dnsmasq.Files | None) -> bool:
    """Make it so; True when something was done. What only changed in the lists is read again
    by the running process."""
    pid = processes.dnsmasq(folder)
    if wanted is None:
        if pid is not None:
            end(folder)
        return pid is not None
    known = processes.given(folder)
    leases = _leases(wanted.hosts)
    changed = _write(folder, wanted)
    old: dict[str, str] = known.get("leases", {})
    # an address that went to another guest: only a new process gives it out
    moved = any(old.get(address, mac) != mac for address, mac in leases.items())
    if pid is not None and known.get("digest") == wanted.digest and not moved:
        if changed:
            calls.signal_process(pid, signal.SIGHUP)
            processes.keep_given(folder, wanted.digest, {**old, **leases})
        return changed
    if pid is not None:
        end(folder)
    files.write_whole(folder / "dnsmasq.conf", wanted.config.replace("{folder}", str(folder)))
    processes.keep_given(folder, wanted.digest, leases)
    calls.start_dnsmasq(holder, str(folder / "dnsmasq.conf"))
    LOG.info("dnsmasq of network %s was started", folder.name)
    return True


def end(folder: Path) -> None:
    """End the process, and wait until its port is free."""
    pid = processes.dnsmasq(folder)
    if pid is None:
        return
    calls.signal_process(pid, signal.SIGTERM)
    deadline = clock.monotonic() + ENDS_WITHIN
    while processes.dnsmasq(folder) is not None:
        if clock.monotonic() > deadline:
            calls.signal_process(pid, signal.SIGKILL)
            deadline += ENDS_WITHIN
        clock.sleep(0.02)


def _write(folder: Path, wanted: dnsmasq.Files) -> bool:
    changed = False
    for name, text in (
        ("hosts", wanted.hosts),
        ("options", wanted.options),
        ("records", wanted.records),
    ):
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            files.write_whole(path, text)
            changed = True
    return changed


def _leases(hosts: str) -> dict[str, str]:
    """Address -> MAC, from the lines of the hosts file."""
    found = {}
    for line in hosts.splitlines():
        mac, *rest = line.split(",")
        for word in rest:
            address = word.strip("[]")
            if "." in address or ":" in address:
                found[address] = mac
    return found
