# SPDX-License-Identifier: Apache-2.0
"""How many sessions a process has room for: each costs two open files, one at each end."""

import contextlib
import logging
import resource
from typing import Final

LOG = logging.getLogger(__name__)

SESSIONS: Final = 1000
# Connections besides: those that fetch pages, and those that are told that there is no room.
SPARE: Final = 200
OTHERS: Final = 300  # files of everything else in the process
_UNLIMITED: Final = 1 << 62


def sessions() -> int:
    """At most SESSIONS; fewer where the process may not have so many files, though it is asked
    for them. Systems have a low limit by default, and a high one that may be asked for."""
    wanted = 2 * SESSIONS + SPARE + OTHERS
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft, hard = (_UNLIMITED if one == resource.RLIM_INFINITY else one for one in limits)
    asked = min(wanted, hard)
    if soft < asked:
        # whoever confines this process may not let it ask
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (asked, limits[1]))
            soft = asked
    if soft >= wanted:
        return SESSIONS
    found = max(1, (soft - SPARE - OTHERS) // 2)
    LOG.warning("there is room for %d consoles: LimitNOFILE (ulimit -n) is %d", found, soft)
    return found
