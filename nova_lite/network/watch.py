# SPDX-License-Identifier: Apache-2.0
"""The kernel tells when devices come, go or change, and when rules are taken away: what concerns
us is looked at at once."""

import contextlib
import logging
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Any, Final

from nova_lite.base import concurrency
from nova_lite.network.names import OURS

LOG = logging.getLogger(__name__)

RTMGRP_LINK: Final = 1
RTM_NEWLINK: Final = 16
RTM_DELLINK: Final = 17
IFLA_IFNAME: Final = 3
NETLINK_NETFILTER: Final = 12
NFNLGRP_NFTABLES: Final = 7
NFNL_SUBSYS_NFTABLES: Final = 10
NFT_REMOVALS: Final = (2, 5, 8, 11, 14)  # of a table, chain, rule, set, element
NFTA_TABLE: Final = 1
TABLES: Final = "nova_lite"
_GENERIC: Final = 4  # bytes of struct nfgenmsg
_HEADER: Final = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_LINK: Final = 16  # bytes of struct ifinfomsg
_ATTRIBUTE: Final = struct.Struct("=HH")

LOOKS_UP: Final = 1.0  # seconds: whether it was told to stop

WATCHED: Final = (*OURS, "tap")


class Watch:
    """A part of the daemon: calls `changed()` when a device of ours or of a guest changed, or
    when somebody removed rules of ours."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._sockets: list[Any] = []

    def start(self) -> None:
        for family, groups, concerns in (
            (socket.NETLINK_ROUTE, RTMGRP_LINK, device_of_ours),
            (NETLINK_NETFILTER, 1 << (NFNLGRP_NFTABLES - 1), rules_of_ours),
        ):
            events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family)
            try:
                events.bind((0, groups))
            except OSError as error:
                # rules are compared from time to time in any case
                LOG.warning("The kernel does not tell of changes: %s", error)
                events.close()
                continue
            events.settimeout(LOOKS_UP)
            self._sockets.append(events)
            concurrency.spawn(self._listen, events, concerns)

    def stop(self) -> None:
        sockets, self._sockets = self._sockets, []
        for events in sockets:
            with contextlib.suppress(OSError):
                events.shutdown(socket.SHUT_RDWR)
            events.close()

    def wait(self, timeout: float | None = None) -> bool:
        return True

    def _listen(self, events: Any, concerns: Callable[[bytes], bool]) -> None:
        while events in self._sockets:
            try:
                message = events.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                if events in self._sockets:
                    # ENOBUFS: some events were lost, so anything may have changed
                    LOG.debug("Events of the kernel were lost: %s", error)
                    self._changed()
                    concurrency.sleep(1)
                continue
            if concerns(message):
                self._changed()


def device_of_ours(message: bytes) -> bool:
    return any(name.startswith(WATCHED) for name in changed_links(message))


def rules_of_ours(message: bytes) -> bool:
    return any(name.startswith(TABLES) for name in shrunk_tables(message))


def changed_links(message: bytes) -> Iterator[str]:
    """The names of devices in a netlink message (struct nlmsghdr, one after the other)."""
    for kind, body in _messages(message):
        if kind in (RTM_NEWLINK, RTM_DELLINK):
            yield from _strings(body[_LINK:], IFLA_IFNAME)


def shrunk_tables(message: bytes) -> Iterator[str]:
    """The tables of nftables that lost something, or were lost, by a netlink message."""
    for kind, body in _messages(message):
        if kind >> 8 == NFNL_SUBSYS_NFTABLES and kind & 0xFF in NFT_REMOVALS:
            yield from _strings(body[_GENERIC:], NFTA_TABLE)


def _messages(message: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _HEADER.size <= len(message):
        length, kind, *_ = _HEADER.unpack_from(message, at)
        if length < _HEADER.size:
            return
        yield kind, message[at + _HEADER.size : at + length]
        at += (length + 3) & ~3


def _strings(attributes: bytes, wanted: int) -> Iterator[str]:
    at = 0
    while at + _ATTRIBUTE.size <= len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if length < _ATTRIBUTE.size:
            return
        if kind == wanted:
            raw = attributes[at + _ATTRIBUTE.size : at + length]
            yield raw.rstrip(b"\0").decode("utf-8", "replace")
        at += (length + 3) & ~3
