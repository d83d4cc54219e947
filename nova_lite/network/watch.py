# SPDX-License-Identifier: Apache-2.0
"""The kernel tells when devices come, go or change: what concerns us is looked at at once."""

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
_HEADER: Final = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_LINK: Final = 16  # bytes of struct ifinfomsg
_ATTRIBUTE: Final = struct.Struct("=HH")

LOOKS_UP: Final = 1.0  # seconds: whether it was told to stop

WATCHED: Final = (*OURS, "tap")


class LinkWatch:
    """A part of the daemon: calls `changed()` when a device of ours or of a guest changed."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._socket: Any = None

    def start(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.bind((0, RTMGRP_LINK))
        self._socket.settimeout(LOOKS_UP)
        concurrency.spawn(self._listen, self._socket)

    def stop(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None

    def wait(self, timeout: float | None = None) -> bool:
        return True

    def _listen(self, events: Any) -> None:
        while self._socket is events:
            try:
                message = events.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                if self._socket is events:
                    # ENOBUFS: some events were lost, so anything may have changed
                    LOG.debug("Events of devices were lost: %s", error)
                    self._changed()
                    concurrency.sleep(1)
                continue
            if any(name.startswith(WATCHED) for name in changed_links(message)):
                self._changed()


def changed_links(message: bytes) -> Iterator[str]:
    """The names of devices in a netlink message (struct nlmsghdr, one after the other)."""
    at = 0
    while at + _HEADER.size <= len(message):
        length, kind, *_ = _HEADER.unpack_from(message, at)
        if length < _HEADER.size:
            return
        if kind in (RTM_NEWLINK, RTM_DELLINK):
            yield from _name(message[at + _HEADER.size + _LINK : at + length])
        at += (length + 3) & ~3


def _name(attributes: bytes) -> Iterator[str]:
    at = 0
    while at + _ATTRIBUTE.size <= len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if length < _ATTRIBUTE.size:
            return
        if kind == IFLA_IFNAME:
            yield (
                attributes[at + _ATTRIBUTE.size : at + length]
                .rstrip(b"\0")
                .decode("utf-8", "replace")
            )
        at += (length + 3) & ~3
