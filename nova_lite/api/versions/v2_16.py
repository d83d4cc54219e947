# SPDX-License-Identifier: Apache-2.0
"""Operators see the status of a server's host."""

from nova_lite.api.versions.change import Change, Drop, on
from nova_lite.api.versions.servers import READ

CHANGE = Change(
    number=16,
    title="host_status (admin): UP, DOWN, UNKNOWN, MAINTENANCE, empty",
    response=on(READ, Drop("host_status")),
)
