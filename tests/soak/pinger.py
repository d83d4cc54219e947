# SPDX-License-Identifier: Apache-2.0
"""Echo requests to many addresses for a long time: which were never answered."""

import contextlib
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator

INTERVAL = 0.2  # seconds between two requests to one address
LATE = 10.0  # seconds after which an answer does not count
ECHO, ANSWER = 8, 0


def longest_gap(answered: set[int], sent: int) -> int:
    """How many requests, numbered from 0, in a row were not answered at most."""
    longest = run = 0
    for number in range(sent):
        run = 0 if number in answered else run + 1
        longest = max(longest, run)
    return longest


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def request(ident: int, number: int) -> bytes:
    rest = struct.pack("!HH", ident, number & 0xFFFF) + struct.pack("!I", number)
    return struct.pack("!BBH", ECHO, 0, checksum(struct.pack("!HH", ECHO << 8, 0) + rest)) + rest


def answer(packet: bytes, ident: int) -> int | None:
    """The number of the request that an IP packet answers; None for anything else."""
    body = packet[(packet[0] & 15) * 4 :]
    if len(body) < 12 or body[0] != ANSWER or struct.unpack("!H", body[4:6])[0] != ident:
        return None
    return int(struct.unpack("!I", body[8:12])[0])


class Pinger:
    """Root's. Pings from the network namespace in which it was made."""

    def __init__(self, addresses: list[str]) -> None:
        self.sent = 0  # rounds
        self._answered: dict[str, set[int]] = {address: set() for address in addresses}
        self._ident = os.getpid() & 0xFFFF
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pinger", daemon=True)

    @contextlib.contextmanager
    def running(self) -> Iterator["Pinger"]:
        self._thread.start()
        try:
            yield self
        finally:
            self.end()
            self._socket.close()

    def end(self) -> None:
        """No more requests; late answers are waited for."""
        self._ended.set()
        self._thread.join()

    def gaps(self) -> dict[str, float]:
        """Address -> the longest time without an answered request, seconds."""
        return {a: longest_gap(got, self.sent) * INTERVAL for a, got in self._answered.items()}

    def _run(self) -> None:
        following = time.monotonic()
        while not self._ended.is_set():
            for address in self._answered:
                with contextlib.suppress(OSError):  # counts as one that was not answered
                    self._socket.sendto(request(self._ident, self.sent), (address, 0))
            self.sent += 1
            following += INTERVAL
            self._listen(following)
        self._listen(time.monotonic() + LATE)

    def _listen(self, until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            if not select.select([self._socket], [], [], left)[0]:
                return
            packet, (address, _) = self._socket.recvfrom(2048)
            number = answer(packet, self._ident)
            if number is not None and address in self._answered:
                self._answered[address].add(number)
            if self._ended.is_set() and self._complete():
                return

    def _complete(self) -> bool:
        return all(len(got) == self.sent for got in self._answered.values())
