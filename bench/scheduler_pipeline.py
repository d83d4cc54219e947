#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long a scheduling decision takes in the scheduler itself, without broker and database.

    python bench/scheduler_pipeline.py [--hosts 100 1000 10000] [--servers 1 100]

For each number of hosts: the pipeline alone; `select` over the in-process bus when the snapshot
is young; and when it is old, a hundredth of the hosts having changed meanwhile, with a conductor
that answers from memory. Milliseconds: the median and the worst of all rounds, and the median of
the CPU time, which a busy machine does not change much. What it takes over RabbitMQ with a real
conductor is measured by bench/scheduling.py.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nova_lite.base import clock
from nova_lite.base.context import RequestContext, service_context
from nova_lite.domain import errors
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.host import HostDelta, HostState, Inventory
from nova_lite.domain.request import RequestSpec, SelectRequest
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contracts.conductor import Conductor
from nova_lite.rpc.contracts.scheduler import Scheduler
from nova_lite.rpc.memory import MemoryBus
from nova_lite.rpc.server import RpcServer
from nova_lite.scheduler import filters, weighers
from nova_lite.scheduler.pipeline import Pipeline
from nova_lite.scheduler.service import Endpoint, reader
from nova_lite.scheduler.settings import Settings
from nova_lite.scheduler.snapshot import MAX_AGE, Snapshot

ROUNDS = 30


def fleet(count: int) -> list[HostState]:
    """Hosts of three sizes, half used, every tenth down."""
    made = []
    for number in range(count):
        size = (16, 32, 64)[number % 3]
        made.append(
            HostState(
                host=f"node{number:05d}",
                node=f"node{number:05d}",
                node_uuid=f"{number:08d}-0000-4000-8000-000000000000",
                cell="cell1",
                generation=number + 1,
                up=number % 10 != 0,
                inventory={
                    "VCPU": Inventory(total=size, ratio=4.0),
                    "MEMORY_MB": Inventory(total=size * 4096, reserved=512),
                    "DISK_GB": Inventory(total=size * 50),
                },
                used={"VCPU": number % size, "MEMORY_MB": (number * 2048) % (size * 2048)},
                supported=[("x86_64", "qemu", "hvm"), ("i686", "qemu", "hvm")],
                traits=[f"HW_CPU_X86_F{n}" for n in range(40)],
                hypervisor_type="QEMU",
                hypervisor_version=7002000,
                instances=number % 40,
            )
        )
    return made


def request(servers: int) -> SelectRequest:
    flavor = Flavor(flavorid="1", name="m1", vcpus=2, memory_mb=2048, root_gb=20)
    spec = RequestSpec(
        project_id="p",
        user_id="u",
        flavor=flavor,
        resources={"VCPU": 2, "MEMORY_MB": 2048, "DISK_GB": 20},
        image_properties={"hw_architecture": "x86_64"},
        availability_zone="nova",
        required_traits=["HW_CPU_X86_F30"],
    )
    return SelectRequest(spec=spec, uuids=[f"server-{n}" for n in range(servers)])


def pipeline() -> Pipeline:
    """Every filter and weigher, with limits that are never reached."""
    settings = Settings(max_instances_per_host=1_000_000, max_io_ops_per_host=1_000_000)
    return Pipeline(
        [one(settings) for one in (*filters.ALWAYS, *filters.CHOOSABLE)],
        [one(settings) for one in weighers.ALL],
        settings,
    )


class HostsInMemory:
    """The part of a conductor that a scheduler needs."""

    def __init__(self, hosts: list[HostState]) -> None:
        self.hosts = hosts
        self.generation = len(hosts)

    def change(self, number: int) -> None:
        """So many hosts are newer than before, in turn."""
        for at in range(number):
            self.generation += 1
            self.hosts[(self.generation + at) % len(self.hosts)].generation = self.generation

    def list_hosts(self, context: RequestContext, *, since: int = 0) -> HostDelta:
        newer = [host for host in self.hosts if host.generation > since]
        return HostDelta(generation=self.generation, hosts=newer, full=since == 0)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refuse(context: RequestContext, **values: Any) -> None:
            raise errors.Unsupported(f"there is no {name} here")

        return refuse


def timed(call: Callable[[], object], before: Callable[[], object] = lambda: None) -> str:
    """Median and worst wall time and median CPU time, in milliseconds; `before` is not
    counted."""
    spent, used = [], []
    for _ in range(ROUNDS):
        before()
        began, cpu = time.perf_counter(), time.process_time()
        call()
        used.append((time.process_time() - cpu) * 1000)
        spent.append((time.perf_counter() - began) * 1000)
    median, worst, of_cpu = statistics.median(spent), max(spent), statistics.median(used)
    return f"{median:>10.2f} {worst:>10.2f} {of_cpu:>10.2f}"


def measure(count: int, servers: int) -> None:
    asked = request(servers)
    hosts, made = fleet(count), pipeline()
    row = f"{count:>6} {servers:>8}"
    print(f"{row} {'pipeline alone':<24} {timed(lambda: made.select(hosts, asked))}")
    bus, manual = MemoryBus(), clock.ManualClock()
    before = clock.set_clock(manual)
    conductor = HostsInMemory(fleet(count))
    clients = Clients(bus)
    servers_on_bus = [
        RpcServer(bus, Conductor, conductor, "c"),
        RpcServer(bus, Scheduler, Endpoint(pipeline(), Snapshot(reader(clients)), clients), "s"),
    ]
    for server in servers_on_bus:
        server.start()

    def select() -> None:
        found = clients.scheduler.select(service_context(), request=asked)
        if not all(one.hosts for one in found.selections):
            raise SystemExit("the fleet is too small for this")

    def grow_old() -> None:
        manual.advance(MAX_AGE + 0.1)
        conductor.change(max(1, count // 100))

    select()
    print(f"{row} {'select, snapshot young':<24} {timed(select)}")
    print(f"{row} {'select, snapshot old':<24} {timed(select, grow_old)}", flush=True)
    bus.close()
    clock.set_clock(before)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--hosts", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--servers", type=int, nargs="+", default=[1, 100])
    chosen = parser.parse_args()
    columns = ("median ms", "worst ms", "CPU ms")
    print(f"{'hosts':>6} {'servers':>8} {'what':<24}", *(f"{name:>10}" for name in columns))
    for count in chosen.hosts:
        for servers in chosen.servers:
            measure(count, servers)


if __name__ == "__main__":
    main()
