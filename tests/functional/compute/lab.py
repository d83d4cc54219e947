# SPDX-License-Identifier: Apache-2.0
"""One compute service with the fake driver, on the bus, with a conductor that keeps notes."""

from pathlib import Path
from typing import Any

from nova_lite.backends.image.fake import FAKE_IMAGE_ID, FakeImages
from nova_lite.base.context import RequestContext
from nova_lite.base.service import Service
from nova_lite.compute.host import ComputeHost
from nova_lite.compute.service import build
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState, VmState
from nova_lite.rpc.client import Timeouts
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.memory import MemoryBus
from nova_lite.virt.fake.driver import FakeDriver
from tests.fixtures.conductor import ConductorInMemory
from tests.fixtures.servers import make_instance
from tests.fixtures.settings import make_conf

CONTEXT = RequestContext(user_id="u1", project_id="p1", roles=("member",))


class Lab:
    """`start` makes the service of host1; `kill` ends it as kill -9 would, and the guests stay."""

    def __init__(self, folder: Path, *, call_timeout: float = 30.0, **options: Any) -> None:
        self.options: dict[str, Any] = {
            "host": "host1",
            "state_path": str(folder / "state"),
            "compute_driver": "fake.FakeDriver",
            "fake__state_path": str(folder / "fake"),
            "report_interval": 1,
            "periodic_fuzzy_delay": 0,
            **options,
        }
        self.bus = MemoryBus(patience=0.2)
        self.clients = Clients(self.bus, Timeouts(call=call_timeout))
        self.conductor = ConductorInMemory()
        self.conductor_server = self.conductor.serve(self.bus)
        self.images = FakeImages()
        self.services: list[Service] = []
        self.hosts: list[ComputeHost] = []

    def start(self, **options: Any) -> "Lab":
        conf = make_conf(**{**self.options, **options})
        service = build(conf, self.bus, self.clients, self.images)
        self.hosts = [part for part in service._parts if isinstance(part, ComputeHost)]
        self.services.append(service)
        service.start()
        return self

    def stop(self) -> None:
        for service in self.services:
            service.stop()
        for service in self.services:
            service.wait(10)
        self.services.clear()

    def close(self) -> None:
        self.stop()
        self.bus.close()

    @property
    def host(self) -> ComputeHost:
        return self.hosts[0]

    @property
    def driver(self) -> FakeDriver:
        driver = self.host.driver
        assert isinstance(driver, FakeDriver)
        return driver

    def call(self, method: str, instance: Instance, **values: Any) -> Any:
        """A call of the compute contract to the host, over the bus."""
        client = self.clients.compute(self.host.name)
        return getattr(client, method)(CONTEXT, instance=instance, **values)

    def server(self, **fields: Any) -> Instance:
        """A server that the conductor has placed here and that is not built yet."""
        values = {"host": self.host.name, "node": self.host.name, "image_ref": FAKE_IMAGE_ID}
        return self.conductor.put(make_instance(**{**values, **fields}))

    def running(self, **fields: Any) -> Instance:
        """A server whose guest runs, as conductor and host agree."""
        made = self.server(**fields)
        self.call("build", made)
        return self.conductor.put(
            made, vm_state=VmState.ACTIVE, task_state=None, power_state=PowerState.RUNNING
        )

    def guests(self) -> dict[str | None, PowerState]:
        return {one.uuid: PowerState(one.power_state) for one in self.driver.list_guests()}
