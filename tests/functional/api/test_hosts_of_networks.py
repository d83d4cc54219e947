# SPDX-License-Identifier: Apache-2.0
"""Servers whose network some hosts cannot make. The network daemons are the real ones, apart from
the kernel: they plan, and nothing comes of it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from nova_lite.network.agent import Agent
from nova_lite.network.plan import HostPlan, Settings
from nova_lite.network.relay import Relay
from nova_lite.rpc.contracts.network import NetworkHost
from nova_lite.rpc.server import RpcServer
from tests.fixtures.cloud import Cloud
from tests.functional.api.network.lab import Networking

KNOWS = {"machine-1": {}, "machine-2": {"rack": "eth1"}}


class _NoKernel:
    def apply(self, plan: HostPlan) -> dict[str, str]:
        return {}


class Hosts:
    """Two compute hosts, of which the second has the physical network "rack"."""

    def __init__(self) -> None:
        self.cloud = Cloud(hosts=2, network__backend="local")
        self._servers: dict[str, RpcServer] = {}
        for host, physical in KNOWS.items():
            self.start(host, physical)
        found = Networking(self.cloud.api, None)  # type: ignore[arg-type]
        self.networking = found.as_user("owner-p:p:member")

    def start(self, host: str, physical: dict[str, str]) -> None:
        """The network daemon of a host, instead of the one before."""
        if host in self._servers:
            self._servers[host].stop()
        settings = Settings(tunnel_address="192.0.2.1", physical=physical)
        folder = self.cloud.folder / f"network-{host}"
        agent = Agent(host, settings, folder, Relay("", 0, ""), self.cloud.clients)
        agent._applier = _NoKernel()  # type: ignore[assignment]
        agent.recall()
        agent.repair(self.cloud.context("p"))
        self._servers[host] = RpcServer(self.cloud.bus, NetworkHost, agent.endpoint(), host)
        self._servers[host].start()

    def network(self, physical: str, segment: int, status: int = 201) -> Any:
        fields = {
            "provider:network_type": "vlan",
            "provider:physical_network": physical,
            "provider:segmentation_id": segment,
            "shared": True,
        }
        answer = self.networking.admin.call("POST", "/v2.0/networks", {"network": fields})
        assert answer.status == status, answer.body
        if status != 201:
            return answer.json["NeutronError"]
        network = answer.json["network"]["id"]
        body = {"network_id": network, "cidr": "10.3.0.0/24"}
        self.networking.admin.make("subnets", "subnet", **body)
        return network

    def server(self, network: str, status: str, **fields: Any) -> dict[str, Any]:
        made = self.cloud.server(project="p", networks=[{"uuid": network}], wait=status, **fields)
        return dict(self.cloud.admin.get(f"/v2.1/servers/{made}").json["server"])

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()
        self.cloud.stop()


@pytest.fixture(scope="module")
def hosts() -> Iterator[Hosts]:
    made = Hosts()
    try:
        yield made
    finally:
        made.stop()


def test_a_physical_network_that_no_host_knows_is_refused(hosts: Hosts) -> None:
    refused = hosts.network("cellar", 4, 400)
    assert refused["type"] == "InvalidInput"
    assert "physical_network 'cellar' unknown for vlan provider network" in refused["message"]


def test_a_server_goes_where_its_network_is(hosts: Hosts) -> None:
    network = hosts.network("rack", 5)
    for _ in range(3):
        assert hosts.server(network, "ACTIVE")["OS-EXT-SRV-ATTR:host"] == "machine-2"


def test_the_fault_says_which_host_does_not_know_what(hosts: Hosts) -> None:
    network = hosts.network("rack", 6)
    hosts.start("machine-2", {"attic": "eth1"})
    server = hosts.server(network, "ERROR")
    told = server["fault"]["message"]
    assert re.search(
        f"on host machine-[12]: network {network}: this host has no device for the physical "
        "network 'rack'",
        told,
    )
    ports = hosts.networking.get(f"/ports?network_id={network}")["ports"]
    assert ports == [] and server["addresses"] == {}
