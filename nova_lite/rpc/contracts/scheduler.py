# SPDX-License-Identifier: Apache-2.0
"""What the scheduler answers."""

from nova_lite.domain.request import Selected, SelectRequest
from nova_lite.rpc.contract import method


class Scheduler:
    TOPIC = "scheduler"
    VERSION = "1.0"

    @method(since="1.0", kind="call")
    def select(self, *, request: SelectRequest) -> Selected:
        """Rank hosts for each server. Never raises NoValidHost: no host = an empty list."""
        raise AssertionError("a contract has no body")
