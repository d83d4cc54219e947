# SPDX-License-Identifier: Apache-2.0
"""The clients of all services over one bus, as every daemon holds them."""

from typing import Any

from nova_lite.rpc.client import Client, Timeouts, client_class
from nova_lite.rpc.contracts.compute import Compute
from nova_lite.rpc.contracts.conductor import Conductor
from nova_lite.rpc.contracts.scheduler import Scheduler
from nova_lite.rpc.port import Bus


class Clients:
    """`clients.conductor.m(context, ...)`, `clients.compute("node1").m(context, ...)`."""

    def __init__(self, bus: Bus, timeouts: Timeouts | None = None) -> None:
        self.bus = bus
        self._timeouts = timeouts or Timeouts()
        self.conductor: Any = self._make(Conductor)
        self.scheduler: Any = self._make(Scheduler)
        self._computes: dict[str, Any] = {}

    def compute(self, host: str) -> Any:
        """The client of the compute service on `host`."""
        found = self._computes.get(host)
        if found is None:
            found = self._computes[host] = self._make(Compute, server=host)
        return found

    def _make(self, contract: type, server: str | None = None) -> Client:
        return client_class(contract)(self.bus, server=server, timeouts=self._timeouts)
