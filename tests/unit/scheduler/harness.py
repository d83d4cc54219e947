# SPDX-License-Identifier: Apache-2.0
"""Hosts and requests in ten words, and a scheduler around them."""

import random
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from nova_lite.domain.flavor import Flavor
from nova_lite.domain.group import GroupPlacement, GroupPolicy
from nova_lite.domain.host import HostState, Inventory
from nova_lite.domain.request import Reason, RequestSpec, SelectRequest
from nova_lite.scheduler import filters, weighers
from nova_lite.scheduler.pipeline import Outcome, Pipeline
from nova_lite.scheduler.plugin import Filter, Weigher
from nova_lite.scheduler.settings import Settings


def host(
    name: str = "h1", *, vcpus: int = 8, ram: int = 8192, disk: int = 100, **more: Any
) -> HostState:
    """ram in MiB, disk in GiB. `more`: fields of HostState."""
    values: dict[str, Any] = {
        "node": name,
        "node_uuid": f"uuid-{name}",
        "cell": "cell1",
        "inventory": {
            "VCPU": Inventory(total=vcpus),
            "MEMORY_MB": Inventory(total=ram),
            "DISK_GB": Inventory(total=disk),
        },
        "supported": [("x86_64", "qemu", "hvm"), ("i686", "qemu", "hvm")],
        "hypervisor_type": "QEMU",
        "hypervisor_version": 7002000,
    }
    return HostState(host=name, **{**values, **more})


def hosts(count: int, **more: Any) -> list[HostState]:
    """h1, h2, ... all alike."""
    return [host(f"h{number}", **more) for number in range(1, count + 1)]


def request(
    *,
    vcpus: int = 1,
    ram: int = 512,
    disk: int = 1,
    extra_specs: dict[str, str] | None = None,
    **more: Any,
) -> RequestSpec:
    """`more`: fields of RequestSpec."""
    flavor = Flavor(
        flavorid="f", name="f", vcpus=vcpus, memory_mb=ram, root_gb=disk,
        extra_specs=extra_specs or {},
    )  # fmt: skip
    resources = {"VCPU": vcpus, "MEMORY_MB": ram, "DISK_GB": disk}
    values: dict[str, Any] = {"project_id": "p", "user_id": "u", "resources": resources}
    return RequestSpec(flavor=flavor, **{**values, **more})


def group(policy: GroupPolicy, limit: int = 1, **members_on: int) -> GroupPlacement:
    """A group with so many members on each of the hosts named."""
    return GroupPlacement(
        uuid="g", policy=policy, max_server_per_host=limit, members_on=dict(members_on)
    )


def ask(spec: RequestSpec, servers: int = 1, **more: Any) -> SelectRequest:
    return SelectRequest(spec=spec, uuids=[f"server-{n}" for n in range(servers)], **more)


def refuses(one: type[Filter], seen: HostState, spec: RequestSpec, **options: Any) -> Reason | None:
    """What the filter says, as the pipeline would hear it."""
    made = one(Settings(**options))
    return made.check(seen, spec) if made.needed(spec) else None


def score(one: type[Weigher], seen: HostState, spec: RequestSpec | None = None) -> float:
    return one(Settings()).score(seen, spec or request())


def pipeline(
    *,
    choose: Sequence[type[Filter]] = filters.CHOOSABLE,
    weigh: Sequence[type[Weigher]] = weighers.ALL,
    seed: int = 1,
    **options: Any,
) -> Pipeline:
    """All filters and weighers of ours, unless told otherwise. `options`: of Settings."""
    settings = Settings(**options)
    return Pipeline(
        [one(settings) for one in (*filters.ALWAYS, *choose)],
        [one(settings) for one in weigh],
        settings,
        random.Random(seed),
    )


def select(seen: Iterable[HostState], asked: SelectRequest, **options: Any) -> Outcome:
    return pipeline(**options).select(list(seen), asked)


def chosen(outcome: Outcome) -> list[str | None]:
    """The host that each server got."""
    return [one.hosts[0].host if one.hosts else None for one in outcome.selected.selections]


def alternates(outcome: Outcome, server: int = 0) -> list[str]:
    return [pick.host for pick in outcome.selected.selections[server].hosts[1:]]


def copied(seen: Sequence[HostState]) -> list[HostState]:
    """Hosts of their own, as they came over the wire."""
    return msgspec.json.decode(msgspec.json.encode(list(seen)), type=list[HostState])
