# SPDX-License-Identifier: Apache-2.0
"""A console's way through our proxy, against that through a bare websockify, in one run.

    python -m bench.consoles [--mib 256] [--rounds 5]

Both stand between the same source and the same reader, each in a process of its own: theirs forks
one for each session, so that several may have more than one core. In each round they take turns,
and are compared with each other; figures are the medians of all rounds. The check of the token,
one RPC at the beginning, is not in them.
"""

import argparse
import contextlib
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from bench.meter import Row, median, table
from nova_lite.base.concurrency import BACKENDS
from tests.fixtures.consoles import Browser, Listener, exactly
from tests.fixtures.daemons import cpu_seconds
from tests.fixtures.process import free_port
from tests.fixtures.wait import wait_for

MIB = 1 << 20
PIECE = bytes(64 * 1024)
KEYS = 1000  # that are typed, each echoed before the next
SESSIONS = (1, 8)
TARGET = 0.9  # of its throughput
BARE = "websockify"
START = 30.0
PROXY = "tests.fixtures.console_proxy"


def source(mib: int) -> Any:
    """What a guest does: "s" streams so much, "e" echoes."""

    def talk(sock: socket.socket) -> None:
        if exactly(sock, 1) == b"s":
            for _ in range(mib * MIB // len(PIECE)):
                sock.sendall(PIECE)
            return
        while data := sock.recv(4096):
            sock.sendall(data)

    return talk


def read_all(browser: Browser, size: int) -> None:
    """So many bytes of payload, not looked at."""
    sock, place = browser.socket, memoryview(bytearray(MIB))
    while size > 0:
        left = exactly(sock, 2)[1] & 0x7F
        if left > 125:
            layout = "!H" if left == 126 else "!Q"
            (left,) = struct.unpack(layout, exactly(sock, struct.calcsize(layout)))
        size -= left
        while left:
            count = sock.recv_into(place[:left])
            if not count:
                raise ConnectionError("the proxy is gone")
            left -= count


@contextlib.contextmanager
def running(command: list[str], port: int) -> Iterator[int]:
    """The process id, once the port answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: _answers(port) or process.poll() is not None, START, "a proxy")
        if process.poll() is not None:
            raise RuntimeError(f"{command[:3]} ended with {process.returncode}")
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def _answers(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


def stream(port: int, pid: int, mib: int, sessions: int) -> tuple[float, float]:
    """(MiB a second of all sessions, CPU seconds of the proxy for each GiB)."""
    browsers = [Browser(port, "/?token=x") for _ in range(sessions)]
    readers = [threading.Thread(target=read_all, args=(b, mib * MIB)) for b in browsers]
    cpu, began = cpu_seconds(pid), time.monotonic()
    for browser, reader in zip(browsers, readers, strict=True):
        browser.send(b"s")
        reader.start()
    for reader in readers:
        reader.join()
    wall, cpu = time.monotonic() - began, cpu_seconds(pid) - cpu
    for browser in browsers:
        browser.close()
    total = mib * sessions
    return total / wall, cpu * 1024 / total


def echo(port: int) -> float:
    """Milliseconds from a key to its echo, median."""
    browser = Browser(port, "/?token=x")
    browser.send(b"e")
    walls = []
    for _ in range(KEYS):
        began = time.monotonic()
        browser.send(b"k")
        browser.read(1)
        walls.append((time.monotonic() - began) * 1000)
    browser.close()
    return median(walls)


class Figures(NamedTuple):
    """What a proxy did in one round."""

    speed: dict[int, float]  # sessions -> MiB/s
    cpu: dict[int, float]  # sessions -> s a GiB
    echo: float  # ms


def once(name: str, guest: int, mib: int) -> Figures:
    port = free_port()
    ours = [sys.executable, "-m", PROXY, name, str(port), str(guest)]
    bare = [sys.executable, "-m", "websockify", f"127.0.0.1:{port}", f"127.0.0.1:{guest}"]
    with running(bare if name == BARE else ours, port) as pid:
        stream(port, pid, max(1, mib // 8), 1)
        found = {sessions: stream(port, pid, mib, sessions) for sessions in SESSIONS}
        return Figures(
            {sessions: speed for sessions, (speed, _) in found.items()},
            {sessions: cpu for sessions, (_, cpu) in found.items()},
            echo(port),
        )


def rows_of(name: str, found: list[Figures], bare: list[Figures]) -> list[Row]:
    who = "bare websockify" if name == BARE else f"our proxy, {name}"
    rows = []
    for sessions in SESSIONS:
        what = f"console, {who}, {sessions} session{'s' * (sessions > 1)}"
        speed = median([one.speed[sessions] for one in found])
        cpu = median([one.cpu[sessions] for one in found])
        rows.append(Row(measure=what, unit="MiB/s", value=speed))
        rows.append(Row(measure=what, unit="CPU s a GiB", value=cpu))
        if name != BARE:
            pairs = zip(found, bare, strict=True)
            speed = median([our.speed[sessions] / its.speed[sessions] for our, its in pairs])
            rows.append(
                Row(measure=what, unit="of its MiB/s", value=speed, target=TARGET, at_least=True)
            )
            cpu /= median([its.cpu[sessions] for its in bare])
            rows.append(Row(measure=what, unit="of its CPU s", value=cpu))
    rows.append(
        Row(measure=f"key and echo, {who}", unit="ms", value=median([one.echo for one in found]))
    )
    return rows


def measure(mib: int, rounds: int) -> list[Row]:
    guest = Listener(source(mib))
    found: dict[str, list[Figures]] = {name: [] for name in (BARE, *BACKENDS)}
    for _ in range(rounds):
        for name, figures in found.items():
            figures.append(once(name, guest.port, mib))
    guest.close()
    return [row for name, figures in found.items() for row in rows_of(name, figures, found[BARE])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    rows = measure(args.mib, args.rounds)
    print(table(rows))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
