# SPDX-License-Identifier: Apache-2.0
"""TCP ports for guests' serial ports: libvirt chooses ports for screens, but none for these."""

import socket
from collections.abc import Set


def choose(
    address: str, bounds: tuple[int, int], taken: Set[int], had: int | None = None
) -> int | None:
    """The first port of (first, last) that no guest has and nobody listens at; `had`, the
    guest's own one, if it still may have it. None when there is none left."""
    first, last = bounds
    if had is not None and first <= had <= last and had not in taken:
        return had
    for port in range(first, last + 1):
        if port not in taken and _is_free(address, port):
            return port
    return None


def _is_free(address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
        except OSError:
            return False
        return True
