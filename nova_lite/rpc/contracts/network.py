# SPDX-License-Identifier: Apache-2.0
"""What the network daemon of a host does when the conductor asks.

All that it makes follows from `conductor.get_host_networks`; nothing is said here but that it
should look now. Every method may be called twice.
"""

from nova_lite.rpc.contract import method


class NetworkHost:
    TOPIC = "network"
    VERSION = "1.0"

    @method(since="1.0", kind="cast")
    def refresh(self) -> None:
        """Rows that concern this host have changed."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def ensure(self, *, network_ids: list[str], port_ids: list[str]) -> None:
        """Return when bridges, rules and leases for these are there, so that a guest may be
        plugged in. Raises HostNetworkUnavailable: this host has no such rows, or cannot make it
        now; NetworkNotOnHost: by its configuration, it never will."""
        raise AssertionError("a contract has no body")
