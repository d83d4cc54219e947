# SPDX-License-Identifier: Apache-2.0
"""Other programs, run in a network namespace with no more capabilities than they need.

Runs in the privileged process, which has native threads and nothing patched.
"""

import contextlib
import ctypes
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence

from oslo_privsep import capabilities

from nova_lite.base import process

CLONE_NEWNET = 0x40000000
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
TIMEOUT = 60.0

_LIBC = ctypes.CDLL(None, use_errno=True)

NETWORK = (
    capabilities.CAP_NET_ADMIN,
    capabilities.CAP_NET_BIND_SERVICE,
    capabilities.CAP_NET_RAW,
)


class ProgramFailed(Exception):
    """str() is one line."""


def namespace_file(pid: int) -> str:
    """The network namespace that a process is in."""
    return f"/proc/{pid}/ns/net"


def enter(path: str) -> None:
    """Be in another network namespace: this thread alone, and what it starts."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _LIBC.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {path}")
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def visiting(pid: int | None) -> Iterator[None]:
    """This thread is in another network namespace for a while: a socket that is made, or a
    setting that is opened meanwhile, belongs to that one."""
    if pid is None:
        yield
        return
    own = f"/proc/self/task/{threading.get_native_id()}/ns/net"
    home = os.open(own, os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(namespace_file(pid))
        try:
            yield
        finally:
            enter(f"/proc/self/fd/{home}")
    finally:
        os.close(home)


def leave_the_rest() -> None:
    """In a child before it becomes a program: a namespace of its own."""
    if _LIBC.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")


def keep_only(kept: Sequence[int]) -> None:
    """In a child: hand on these capabilities, also to a program that is not root's, and never
    get more."""
    capabilities.drop_all_caps_except(kept, kept, kept)
    for capability in kept:
        _LIBC.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, int(capability), 0, 0)
    if _LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "cannot give up privileges")


def inside(pid: int | None, kept: Sequence[int] = NETWORK) -> Callable[[], None]:
    """What a child does first; pid None: it stays in the namespace of this process."""
    path = None if pid is None else namespace_file(pid)

    def prepare() -> None:
        if path is not None:
            enter(path)
        keep_only(kept)

    return prepare


def run(
    arguments: Sequence[str],
    pid: int | None,
    text: str = "",
    kept: Sequence[int] = NETWORK,
) -> str:
    """The output of a program. Raises ProgramFailed."""
    try:
        done = subprocess.run(
            arguments,
            input=text.encode(),
            capture_output=True,
            preexec_fn=inside(pid, kept),
            env=process.environment(),
            timeout=TIMEOUT,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ProgramFailed(f"{arguments[0]}: {error}") from error
    if done.returncode:
        words = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise ProgramFailed(f"{arguments[0]}: {words[-400:] or f'exited with {done.returncode}'}")
    return done.stdout.decode("utf-8", "replace")
