# SPDX-License-Identifier: Apache-2.0
"""What the agent of a host says of what cannot be made. Its kernel is none."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nova_lite.domain import errors
from nova_lite.domain.network import HostNetwork, HostNetworks, HostPort, Network, NetworkMode
from nova_lite.network.agent import Agent
from nova_lite.network.plan import HostPlan, Settings
from nova_lite.network.relay import Relay

NET = "a3f1c0d2-1111-4222-8333-444455556666"
PORT = "b3f1c0d2-1111-4222-8333-444455556666"


class _Conductor:
    """Says what it was given to say."""

    def __init__(self) -> None:
        self.networks = HostNetworks(generation=0)
        self.up: list[str] = []

    def say(self, segment: int | None) -> None:
        network = Network(id=NET, project_id="p", mode=NetworkMode.VXLAN, segment=segment)
        port = HostPort(
            id=PORT, network_id=NET, instance_id="i", project_id="p", mac="m", addresses=[]
        )
        self.networks = HostNetworks(
            generation=self.networks.generation + 1,
            networks=[HostNetwork(network=network, subnets=[], ports=[port])],
        )

    def get_host_networks(self, _: Any, **said: Any) -> HostNetworks | None:
        return None if said["since"] == self.networks.generation else self.networks

    def network_ports_up(self, _: Any, *, host: str, port_ids: list[str]) -> None:
        self.up += port_ids


class _NoKernel:
    def apply(self, plan: HostPlan) -> dict[str, str]:
        return {}


@pytest.fixture
def conductor() -> _Conductor:
    return _Conductor()


@pytest.fixture
def agent(conductor: _Conductor, tmp_path: Path) -> Agent:
    clients: Any = SimpleNamespace(conductor=conductor)
    settings = Settings(tunnel_address="192.0.2.1")
    made = Agent("h1", settings, tmp_path / "network", Relay("", 0, ""), clients)
    made._applier = _NoKernel()  # type: ignore[assignment]
    made.recall()
    return made


def _errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    found = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    caplog.clear()
    return found


def test_what_cannot_be_made_is_logged_when_it_changes(
    agent: Agent, conductor: _Conductor, caplog: pytest.LogCaptureFixture
) -> None:
    context: Any = None
    conductor.say(segment=None)
    agent.bring_up(context)
    assert _errors(caplog) == [f"network {NET}: it has no VNI"]
    for _ in range(3):
        agent.bring_up(context)
    assert _errors(caplog) == []
    conductor.say(segment=7)
    agent.bring_up(context)
    assert _errors(caplog) == [] and conductor.up == [PORT]
    conductor.say(segment=None)
    agent.bring_up(context)
    assert len(_errors(caplog)) == 1, "it is there again"


def test_a_network_that_cannot_be_made_says_why(agent: Agent, conductor: _Conductor) -> None:
    conductor.say(segment=None)
    with pytest.raises(errors.NetworkNotOnHost, match=f"network {NET}: it has no VNI"):
        agent.endpoint()["ensure"](None, network_ids=[NET], port_ids=[PORT])
