# SPDX-License-Identifier: Apache-2.0
from nova_lite.base.context import service_context
from nova_lite.rpc.client import Timeouts
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.heartbeat import heartbeat
from nova_lite.rpc.memory import MemoryBus
from tests.fixtures.conductor import ConductorInMemory


def test_a_return_is_told_once() -> None:
    bus = MemoryBus(patience=0.05)
    conductor = ConductorInMemory()
    returns: list[str] = []
    clients = Clients(bus, Timeouts(call=0.2))
    job = heartbeat(clients, "nova-x", "h1", "x", 10, lambda: returns.append("back"))
    context = service_context()
    job.fn(context)
    assert conductor.beats == {} and returns == []
    server = conductor.serve(bus)
    job.fn(context)
    assert returns == ["back"]
    job.fn(context)
    assert returns == ["back"]
    assert conductor.services["nova-x", "h1"].topic == "x"
    server.stop()
    bus.close()
