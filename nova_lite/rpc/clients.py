# SPDX-License-Identifier: Apache-2.0
"""The clients of all services over one bus, as every daemon holds them."""

from collections.abc import Mapping
from typing import Any

from nova_lite.rpc import wire
from nova_lite.rpc.client import Client, Timeouts, client_class
from nova_lite.rpc.contracts.compute import Compute
from nova_lite.rpc.contracts.conductor import Conductor
from nova_lite.rpc.contracts.network import NetworkHost
from nova_lite.rpc.contracts.scheduler import Scheduler
from nova_lite.rpc.port import Bus

PINNED = ("compute", "conductor", "network", "scheduler")


class Clients:
    """`clients.conductor.m(context, ...)`, `clients.compute("node1").m(context, ...)`."""

    def __init__(
        self,
        bus: Bus,
        timeouts: Timeouts | None = None,
        pins: Mapping[str, str | None] | None = None,
    ) -> None:
        """`pins`: topic -> what [upgrade_levels] says. ConfigurationError for a wrong one."""
        self.bus = bus
        self._timeouts = timeouts or Timeouts()
        self._pins = dict(pins or {})
        self._levels: dict[str, int] = {}
        self._make_all()

    @classmethod
    def from_conf(cls, bus: Bus, conf: Any) -> "Clients":
        """With the time limits and pins of the configuration."""
        timeouts = Timeouts(
            call=conf.rpc_response_timeout,
            long=conf.long_rpc_timeout,
            monitor=conf.rpc_call_monitor_timeout,
        )
        levels = conf.upgrade_levels
        pins = {topic: levels[topic] for topic in PINNED}
        return cls(bus, timeouts, pins)

    def know_levels(self, levels: Mapping[str, int]) -> None:
        """Topic -> lowest wire level among its services: what the pin `auto` goes by."""
        if levels != self._levels:
            self._levels = dict(levels)
            self._make_all()

    def compute(self, host: str) -> Any:
        """The client of the compute service on `host`."""
        found = self._computes.get(host)
        if found is None:
            found = self._computes[host] = self._make(Compute, server=host)
        return found

    def network(self, host: str) -> Any:
        """The client of the network daemon on `host`."""
        found = self._networks.get(host)
        if found is None:
            found = self._networks[host] = self._make(NetworkHost, server=host)
        return found

    def _make_all(self) -> None:
        self.conductor: Any = self._make(Conductor)
        self.scheduler: Any = self._make(Scheduler)
        self._computes: dict[str, Any] = {}
        self._networks: dict[str, Any] = {}
        for contract in (Compute, NetworkHost):
            self._make(contract)  # a wrong pin is told now and not at the first call

    def _make(self, contract: type, server: str | None = None) -> Client:
        made = client_class(contract)
        topic = made.contract.topic
        speak = wire.version_for(topic, self._pins.get(topic), self._levels.get(topic))
        return made(self.bus, server=server, timeouts=self._timeouts, speak=speak)
