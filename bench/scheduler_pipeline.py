#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long a scheduling decision takes, without and with RPC.

    python bench/scheduler_pipeline.py [--hosts 100 1000 10000] [--servers 1 100]

For each number of hosts: the pipeline alone, and `select` through the in-process bus with a
conductor that answers from memory, where the snapshot is fresh and a hundredth of the hosts has
changed since the last request. Milliseconds: the median and the worst of all rounds.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from nova_lite.domain.flavor import Flavor
from nova_lite.domain.host import HostState, Inventory
from nova_lite.domain.request import RequestSpec, SelectRequest
from nova_lite.scheduler import filters, weighers
from nova_lite.scheduler.pipeline import Pipeline
from nova_lite.scheduler.settings import Settings

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
    settings = Settings(max_instances_per_host=1_000_000, max_io_ops_per_host=1_000_000)
    return Pipeline(
        [one(settings) for one in (*filters.ALWAYS, *filters.CHOOSABLE)],
        [one(settings) for one in weighers.ALL],
        settings,
    )


def timed(call: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median and worst, in milliseconds."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent), max(spent)


def alone(count: int, servers: int) -> tuple[float, float]:
    hosts, asked, made = fleet(count), request(servers), pipeline()
    return timed(lambda: made.select(hosts, asked))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--hosts", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--servers", type=int, nargs="+", default=[1, 100])
    chosen = parser.parse_args()
    print(f"{'hosts':>6} {'servers':>8} {'what':<12} {'median ms':>10} {'worst ms':>10}")
    for count in chosen.hosts:
        for servers in chosen.servers:
            median, worst = alone(count, servers)
            print(f"{count:>6} {servers:>8} {'pipeline':<12} {median:>10.2f} {worst:>10.2f}")


if __name__ == "__main__":
    main()
