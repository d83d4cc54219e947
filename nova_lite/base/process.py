# SPDX-License-Identifier: Apache-2.0
"""Other programs: run by their argument list, never through a shell, with limits."""

import contextlib
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from typing import Any

from nova_lite.base import clock, concurrency

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin")
# Fetched now: loading it later, in some native thread, would disturb the imports of others.
_SUBPROCESS: Any = concurrency.original("subprocess")

ASK = 0.3  # seconds between questions whether a program is still wanted
SHOWN = 500  # characters of a program's complaint that an error repeats


class CommandError(Exception):
    """A program could not be started, failed, or took too long. str() is one line."""

    def __init__(self, program: str, reason: str, *, missing: bool = False) -> None:
        super().__init__(f"{program}: {reason}")
        self.program = program
        self.reason = reason
        self.missing = missing


def run(
    arguments: Sequence[str],
    *,
    timeout: float,
    cpu_seconds: int = 0,
    address_space: int = 0,
    wanted: Callable[[], bool] | None = None,
) -> str:
    """The standard output of a program. CommandError when it does not exit with 0.

    `timeout` in seconds of wall time. `cpu_seconds` and `address_space` (bytes) limit the
    process itself; 0 means no limit. The loop is not blocked meanwhile. `wanted` is asked now
    and then, from a native thread: False ends the program.
    """
    command = [*_limits(cpu_seconds, address_space), *arguments]
    return concurrency.native(_run, command, arguments[0], timeout, wanted)


def _limits(cpu_seconds: int, address_space: int) -> list[str]:
    options = []
    if cpu_seconds:
        options.append(f"--cpu={cpu_seconds}")
    if address_space:
        options.append(f"--as={address_space}")
    return ["prlimit", *options, "--"] if options else []


def environment() -> dict[str, str]:
    """Plain messages, and the folders of system programs, for whoever starts us."""
    kept = dict(os.environ)
    folders = [f for f in kept.get("PATH", "").split(os.pathsep) if f]
    folders += [f for f in SYSTEM_FOLDERS if f not in folders]
    return {**kept, "LC_ALL": "C", "PATH": os.pathsep.join(folders)}


def _run(
    command: list[str], program: str, timeout: float, wanted: Callable[[], bool] | None = None
) -> str:
    variables = environment()
    if shutil.which(program, path=variables["PATH"]) is None:
        raise CommandError(program, "is not installed", missing=True)
    subprocess = _SUBPROCESS
    # A session of its own: what a terminal's Ctrl-C ends is the service, not its disk copies.
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=variables,
        )
    except OSError as error:
        raise CommandError(program, error.strerror or str(error)) from error
    with process:
        try:
            output, complaint = _outcome(process, program, timeout, wanted)
        except BaseException:
            _kill(process)
            raise
    if process.returncode:
        raise CommandError(program, _reason(process.returncode, complaint))
    return output.decode("utf-8", "replace")


def _outcome(
    process: Any, program: str, timeout: float, wanted: Callable[[], bool] | None
) -> tuple[bytes, bytes]:
    deadline = clock.monotonic() + timeout
    while True:
        if wanted is not None and not wanted():
            raise CommandError(program, "is not wanted any more")
        left = deadline - clock.monotonic()
        try:
            found: tuple[bytes, bytes] = process.communicate(
                timeout=left if wanted is None else min(ASK, max(left, 0.0))
            )
            return found
        except _SUBPROCESS.TimeoutExpired as error:
            if wanted is None or clock.monotonic() >= deadline:
                raise CommandError(program, f"did not end within {timeout:g} s") from error


def _kill(process: Any) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _reason(code: int, complaint: bytes) -> str:
    text = " ".join(complaint.decode("utf-8", "replace").split())[-SHOWN:]
    if code in (-signal.SIGKILL, -signal.SIGXCPU, 128 + signal.SIGXCPU, 128 + signal.SIGKILL):
        return "was ended by a limit of time or memory"
    return text or f"exited with {code}"
