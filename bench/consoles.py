# SPDX-License-Identifier: Apache-2.0
"""A console's way through our proxy, against that through a bare websockify, in one run.

    python -m bench.consoles [--mib 256]

Both stand between the same source and the same reader, each in a process of its own. The check of
the token, one RPC at the beginning, is not in the figures.
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
from typing import Any

from bench.meter import Row, median, table
from tests.fixtures.consoles import Browser, Listener, exactly
from tests.fixtures.daemons import cpu_seconds
from tests.fixtures.process import free_port
from tests.fixtures.wait import wait_for

MIB = 1 << 20
PIECE = bytes(64 * 1024)
ROUNDS = 1000  # keys that are typed, each echoed before the next
SESSIONS = 8
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
    buffer = b""
    sock = browser.socket
    while size > 0:
        buffer += sock.recv(MIB)
        at = 0
        while len(buffer) - at >= 2:
            length, head = buffer[at + 1] & 0x7F, 2
            if length > 125:
                head = 4 if length == 126 else 10
                if len(buffer) - at < head:
                    break
                (length,) = struct.unpack_from("!H" if head == 4 else "!Q", buffer, at + 2)
            if len(buffer) - at < head + length:
                break
            at += head + length
            size -= length
        buffer = buffer[at:]


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
    for _ in range(ROUNDS):
        began = time.monotonic()
        browser.send(b"k")
        browser.read(1)
        walls.append((time.monotonic() - began) * 1000)
    browser.close()
    return median(walls)


def measure(mib: int) -> list[Row]:
    guest = Listener(source(mib))
    rows = []
    for name in ("websockify", "eventlet", "threading"):
        port = free_port()
        ours = [sys.executable, "-m", PROXY, name, str(port), str(guest.port)]
        bare = [sys.executable, "-m", "websockify", f"127.0.0.1:{port}", f"127.0.0.1:{guest.port}"]
        who = "bare websockify" if name == "websockify" else f"our proxy, {name}"
        with running(bare if name == "websockify" else ours, port) as pid:
            stream(port, pid, max(1, mib // 8), 1)
            for sessions in (1, SESSIONS):
                speed, cpu = stream(port, pid, mib, sessions)
                what = f"console, {who}, {sessions} session{'s' * (sessions > 1)}"
                rows.append(Row(measure=what, unit="MiB/s", value=speed))
                rows.append(Row(measure=what, unit="CPU s a GiB", value=cpu))
            rows.append(Row(measure=f"key and echo, {who}", unit="ms", value=echo(port)))
    guest.close()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=256)
    print(table(measure(parser.parse_args().mib)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
