# SPDX-License-Identifier: Apache-2.0
"""A scheduling decision over RPC, at 100, 1,000 and 10,000 hosts.

The hosts are reported to the conductor as compute services would report them; then `select`
is called on the scheduler, as the conductor calls it.
"""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from bench.meter import Row, median
from nova_lite.base.context import RequestContext, service_context
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.host import Inventory, NodeReport
from nova_lite.domain.request import RequestSpec, SelectRequest
from nova_lite.rpc.clients import Clients

TARGETS = {100: 10.0, 1_000: 20.0, 10_000: 100.0}  # hosts -> milliseconds
TIMES = 30
REPORTERS = 16  # hosts that report at the same time
SNAPSHOT_TIMEOUT = 120.0


def report(clients: Clients, context: RequestContext, number: int) -> None:
    """One more host that is up."""
    host = f"bench{number}"
    clients.conductor.report_service(
        context, binary="nova-compute", host=host, topic="compute", version=1, wire_level=1
    )
    node = NodeReport(
        node_uuid=str(uuid.uuid5(uuid.NAMESPACE_DNS, host)),
        hypervisor_hostname=host,
        hypervisor_type="fake",
        hypervisor_version=1,
        inventory={
            "VCPU": Inventory(total=64, ratio=4.0),
            "MEMORY_MB": Inventory(total=256_000 + number, reserved=512),
            "DISK_GB": Inventory(total=4_000),
        },
        supported=[("x86_64", "fake", "hvm")],
    )
    clients.conductor.report_node(context, host=host, report=node)


def request(spec: RequestSpec, *, fresh: bool = False) -> SelectRequest:
    return SelectRequest(spec=spec, uuids=[str(uuid.uuid4())], alternates=2, fresh=fresh)


def measure(clients: Clients, sizes: tuple[int, ...] = tuple(TARGETS)) -> list[Row]:
    """Adds hosts up to each size. The wall time of one call, median of many."""
    context = service_context()
    flavor = Flavor(flavorid="f", name="f", vcpus=1, memory_mb=512, root_gb=1)
    spec = RequestSpec(
        project_id="p",
        user_id="u",
        flavor=flavor,
        resources={"VCPU": 1, "MEMORY_MB": 512, "DISK_GB": 1},
    )
    rows, there = [], 0
    for size in sizes:
        with ThreadPoolExecutor(REPORTERS) as pool:
            list(pool.map(lambda n: report(clients, context, n), range(there, size)))
        there = size
        wait_for_hosts(clients, context, spec, size)
        walls = []
        for _ in range(TIMES):
            began = time.monotonic()
            found = clients.scheduler.select(context, request=request(spec))
            walls.append((time.monotonic() - began) * 1000)
            assert len(found.selections[0].hosts) == 3
        rows.append(
            Row(
                measure=f"scheduling decision over RPC, {size} hosts",
                unit="ms",
                value=median(walls),
                target=TARGETS.get(size),
                note=f"max {max(walls):.0f}",
            )
        )
    return rows


def wait_for_hosts(clients: Clients, context: RequestContext, spec: RequestSpec, size: int) -> None:
    """Until the scheduler's snapshot knows all of them."""
    deadline = time.monotonic() + SNAPSHOT_TIMEOUT
    while True:
        found = clients.scheduler.select(context, request=request(spec, fresh=True))
        if found.considered >= size:
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"the scheduler knows {found.considered} of {size} hosts")
        time.sleep(0.5)
