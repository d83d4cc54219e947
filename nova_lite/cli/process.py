# SPDX-License-Identifier: Apache-2.0
"""The one process that `up` starts and `down` ends: found by pid and start time."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nova_lite.cli.errors import SetupError, TookTooLong


def _started_at(pid: int) -> str | None:
    """The kernel's start time of a process (clock ticks since boot), None if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    after_name = stat.rpartition(")")[2].split()
    return None if after_name[0] == "Z" else after_name[19]


def _named_in(path: Path) -> int | None:
    """The process that a file names as "pid starttime", while it runs."""
    try:
        pid, started = path.read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if _started_at(int(pid)) == started else None


class EmbeddedProcess:
    """`folder`/run/nova-lite.pid says "pid starttime", so that a reused pid fools nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log" / "nova-lite.log"
        self._pidfile = folder / "run" / "nova-lite.pid"
        self._said_before = 0  # bytes of the log

    def pid(self) -> int | None:
        """The pid while it runs."""
        return _named_in(self._pidfile)

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Held while somebody looks whether it runs and starts it, so that two do not. Makes the
        folder. Raises SetupError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for part in (self.log.parent, self._pidfile.parent):
                part.mkdir(mode=0o700, exist_ok=True)
                part.chmod(0o700)
            lock = (self._pidfile.parent / "starting.lock").open("w")
        except OSError as error:
            raise SetupError(f"{error.filename or self.folder}: {error.strerror}") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def start(self, arguments: list[str]) -> subprocess.Popen:
        """Start it in a session of its own, its output going to the log; only while `starting`."""
        command = [sys.executable, "-m", "nova_lite.cmd.embedded", "--data", str(self.folder)]
        with self.log.open("ab") as log:
            self._said_before = log.tell()
            child = subprocess.Popen(
                command + arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.folder,
            )
        self._pidfile.write_text(f"{child.pid} {_started_at(child.pid)}\n")
        return child

    def stop(self, timeout: float) -> bool:
        """Ask it to end and wait; True if it was there. Raises TookTooLong."""
        pid = self.pid()
        if pid is None:
            self._pidfile.unlink(missing_ok=True)
            return False
        try:
            os.kill(pid, signal.SIGTERM)
        except PermissionError as exc:
            raise SetupError(f"process {pid} belongs to another user") from exc
        deadline = time.monotonic() + timeout
        while self.pid() is not None:
            if time.monotonic() > deadline:
                raise TookTooLong(
                    f"process {pid} has not ended after {timeout:.0f} s; see {self.log}"
                )
            time.sleep(0.1)
        self._pidfile.unlink(missing_ok=True)
        return True

    def has_network(self) -> bool:
        """Whether the built-in network has something on this machine, where it is by default."""
        keepers = (self.folder / "network").glob("*/keeper.pid")
        return any(_named_in(path) is not None for path in keepers)

    def remove_network(self) -> None:
        """All that the built-in network has made on this machine, once nothing keeps it. Raises
        SetupError."""
        files = [self.folder / "etc" / name for name in ("nova.conf", "local.conf")]
        found = [f"--config-file={path}" for path in files if path.exists()]
        if not found:
            return  # it was never started
        command = [sys.executable, "-m", "nova_lite.cmd.network", "--remove", *found]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.folder
        )
        if done.returncode:
            words = done.stderr.strip() or f"exit code {done.returncode}"
            raise SetupError(f"the network could not be removed: {words}")

    def last_words(self, count: int = 5) -> str:
        """The end of its log, as far as it is of what was started here, for when it did not come
        up."""
        try:
            text = self.log.read_bytes()[self._said_before :].decode(errors="replace")
        except OSError:
            return "(no log)"
        lines = text.splitlines()
        return "\n".join(lines[-count:])
