#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""reap.py SECONDS COMMAND...: run a command, then end every process that it left behind.

Becomes the "child subreaper", so that daemons that left their session are still its children.
Those that end are collected at once: who asks whether a process of its own is gone (libvirtd does,
of the emulators that it tries) would wait for a zombie.
Exit code: the command's own; 124 when the time was up; 1 when the command succeeded but left
processes, which are listed.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
GRACE = 10.0
LOOK = 1.0  # seconds between looks, where a signal was missed


def children() -> dict[int, list[int]]:
    """Parent -> children, for all processes that are not yet zombies."""
    tree: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] not in "ZX":
            tree.setdefault(int(fields[1]), []).append(int(entry.name))
    return tree


def descendants() -> list[int]:
    tree, found, todo = children(), [], [os.getpid()]
    while todo:
        below = tree.get(todo.pop(), [])
        found += below
        todo += below
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:150]
    except OSError:
        return "?"


def collect() -> dict[int, int]:
    """What ended since the last look: pid -> exit code, negative for a signal."""
    ended: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if not pid:
            return ended
        ended[pid] = os.waitstatus_to_exitcode(status)


def wait_for(pid: int, limit: float) -> int | None:
    """The exit code of that child, or None when `limit` seconds have passed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    deadline = time.monotonic() + limit
    while (left := deadline - time.monotonic()) > 0:
        code = collect().get(pid)
        if code is not None:
            return code if code >= 0 else 128 - code
        signal.sigtimedwait({signal.SIGCHLD}, min(left, LOOK))
    return None


def end_all() -> list[str]:
    """End what is left, kindly and then not; returns what it was."""
    left = [f"{pid} {command_line(pid)}" for pid in descendants()]
    for sign, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
        deadline = time.monotonic() + patience
        signalled: set[int] = set()
        while (alive := descendants()) and time.monotonic() < deadline:
            for pid in set(alive) - signalled:
                try:
                    os.kill(pid, sign)
                except ProcessLookupError:
                    continue
            signalled |= set(alive)
            time.sleep(0.1)
            collect()
    return left


def main() -> int:
    limit, command = float(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    code = wait_for(process.pid, limit)
    if code is None:
        print(f"not done after {limit:.0f} seconds: {' '.join(command)}", file=sys.stderr)
        code = 124
    left = end_all()
    for line in left:
        print(f"ended a process that was left behind: {line}", file=sys.stderr)
    return code or (1 if left else 0)


if __name__ == "__main__":
    sys.exit(main())
