# SPDX-License-Identifier: Apache-2.0
"""The privileged calls. `holder`: the process in whose network namespace it happens, None for
the host's own. Paths and ids are made by the daemon, never by a guest."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence

from nova_lite.base import process
from nova_lite.network import handover
from nova_lite.network.privileged import AS_ROOT, context
from nova_lite.network.privileged.programs import (
    NETWORK,
    ProgramFailed,
    enter,
    keep_only,
    leave_the_rest,
    namespace_file,
    run,
    visiting,
)

# What `ip -batch` and `bridge -batch` may be told: nothing that begins another program.
_ALLOWED = re.compile(r"^(-[46] )?(link|address|route|rule|neigh|fdb) [A-Za-z0-9_.:/ -]+$")
_FAILED = re.compile(r"\s*Command failed -:(\d+)")
_SETTING = re.compile(r"^net\.(ipv4|ipv6)\.[A-Za-z0-9_./-]+$")


def _checked(lines: Sequence[str]) -> str:
    for line in lines:
        if not _ALLOWED.match(line):
            raise ProgramFailed(f"refused: {line[:100]!r}")
    return "\n".join(lines) + "\n"


def _batch(words: list[str], holder: int | None, lines: Sequence[str]) -> str:
    try:
        return run(words, holder, _checked(lines))
    except ProgramFailed as error:
        # it tells the number of the line
        found = _FAILED.search(str(error))
        at = int(found.group(1)) if found else 0
        if not 0 < at <= len(lines):
            raise
        reason = _FAILED.sub("", str(error)).strip()
        raise ProgramFailed(f"{reason} ({lines[at - 1]})") from error


@context.entrypoint
def ip(holder: int | None, lines: Sequence[str], *, insist: bool = True) -> str:
    """Change devices, addresses, routes. All or up to the first error; not `insist`: go on
    after an error, which is raised at the end."""
    options = [] if insist else ["-force"]
    return _batch(["ip", *options, "-batch", "-"], holder, lines)


@context.entrypoint
def bridge(lines: Sequence[str]) -> str:
    return _batch(["bridge", "-batch", "-"], None, lines)


@context.entrypoint
def ask(holder: int | None, questions: Sequence[str]) -> list[str]:
    """The answers of `ip`, JSON text each ('' for none)."""
    answers = []
    for question in questions:
        _checked([question])
        words = ["ip", "-json", "-details", *question.split()]
        answers.append(run(words, holder))
    return answers


@context.entrypoint
def forwarding() -> str:
    """JSON of every entry of forwarding tables."""
    return run(["bridge", "-json", "fdb", "show"], None)


@context.entrypoint
def load_rules(holder: int | None, tables: Sequence[str], text: str) -> None:
    """Replace these tables (as `inet name`) by what `text` makes of them, in one transaction."""
    head = "".join(f"add table {table}\ndelete table {table}\n" for table in tables)
    run(["nft", "-f", "-"], holder, head + text)


@context.entrypoint
def show_rules(holder: int | None, tables: Sequence[str]) -> str:
    """As the kernel has them; '' when one of the tables is not there."""
    try:
        return "".join(
            run(["nft", "--stateless", "list", "table", *table.split()], holder) for table in tables
        )
    except ProgramFailed:
        return ""


@context.entrypoint
def set_kernel(holder: int | None, settings: Sequence[tuple[str, str]]) -> None:
    """Kernel settings (net.ipv4...., value), written where they differ."""
    script = []
    for name, value in settings:
        if not _SETTING.match(name) or not value.isdigit():
            raise ProgramFailed(f"refused: {name[:100]!r}")
        script.append((f"/proc/sys/{name.replace('.', '/')}", value))
    try:
        with visiting(holder):
            for path, value in script:
                with open(path, "r+", encoding="ascii") as file:
                    if file.read().strip() != value:
                        file.seek(0)
                        file.write(value)
    except OSError as error:
        raise ProgramFailed(f"cannot change a setting of the kernel: {error}") from error


@context.entrypoint
def open_space(beside: int | None) -> int:
    """Start the process that keeps a network namespace; its pid. `beside`: not a new one, but
    the one that this process is in."""

    def prepare() -> None:
        if beside is None:
            leave_the_rest()
        else:
            enter(namespace_file(beside))
        keep_only(())

    return _start(["sleep", "infinity"], prepare)


@context.entrypoint
def start_dnsmasq(holder: int, config: str) -> None:
    """It goes into the background by itself, once it has read its files."""
    kept = (*NETWORK, *AS_ROOT) if os.geteuid() == 0 else NETWORK
    run(["dnsmasq", f"--conf-file={config}"], holder, kept=kept)


@context.entrypoint
def signal_process(pid: int, number: int) -> None:
    """To what was started here: dnsmasq (SIGHUP, SIGTERM) or a keeper of a namespace."""
    if number not in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
        raise ProgramFailed(f"refused: signal {number}")
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


@context.entrypoint
def open_listener(holder: int, address: str, port: int, path: str) -> None:
    """Listen in a network namespace, and hand the socket to who listens at `path`."""
    # a socket stays in the namespace in which it was made
    with visiting(holder):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError as error:
            raise ProgramFailed(f"cannot listen on {address}:{port}: {error}") from error
        listener.listen(128)
        handover.give(path, listener)


@context.entrypoint
def announce(device: str, address: str) -> None:
    """A gratuitous ARP: this host has the address now."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)) as raw:
        raw.bind((device, 0))
        mac, ip_address = raw.getsockname()[4], socket.inet_aton(address)
        arp = b"\x00\x01\x08\x00\x06\x04\x00\x01" + mac + ip_address + b"\xff" * 6 + ip_address
        raw.send(b"\xff" * 6 + mac + b"\x08\x06" + arp)


def _start(arguments: Sequence[str], prepare: Callable[[], None]) -> int:
    """Start what outlives us: in a session of its own, with nothing of ours open. Its parent
    ends at once, so that nobody has to wait for it."""
    reader, writer = os.pipe()
    launcher = os.fork()
    if launcher == 0:
        try:
            os.setsid()
            child = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=prepare,
                env=process.environment(),
                cwd="/",
                start_new_session=True,
            )
            os.write(writer, str(child.pid).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(launcher, 0)
    with os.fdopen(reader, "rb") as answers:
        text = answers.read(32)
    if not text:
        raise ProgramFailed(f"{arguments[0]} could not be started")
    return int(text)
