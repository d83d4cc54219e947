# SPDX-License-Identifier: Apache-2.0
"""Conditions of flavors about what a host says of itself."""

from collections.abc import Callable, Mapping
from typing import Any

from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler import operators
from nova_lite.scheduler.plugin import Filter

SCOPE = "capabilities"
_MISSING = object()


def _total(resource: str) -> Callable[[HostState], int]:
    def read(host: HostState) -> int:
        inventory = host.inventory.get(resource)
        return inventory.total if inventory else 0

    return read


def _free(resource: str) -> Callable[[HostState], int]:
    def read(host: HostState) -> int:
        inventory = host.inventory.get(resource)
        return (inventory.capacity if inventory else 0) - host.used.get(resource, 0)

    return read


# What can be asked for, by the names that flavors of other clouds use already.
ATTRIBUTES: Mapping[str, Callable[[HostState], Any]] = {
    "host": lambda host: host.host,
    "nodename": lambda host: host.node,
    "hypervisor_hostname": lambda host: host.node,
    "uuid": lambda host: host.node_uuid,
    "host_ip": lambda host: host.host_ip,
    "hypervisor_type": lambda host: host.hypervisor_type,
    "hypervisor_version": lambda host: host.hypervisor_version,
    "supported_instances": lambda host: [" ".join(row) for row in host.supported],
    "cpu_info": lambda host: host.cpu_info,
    "stats": lambda host: host.stats,
    "traits": lambda host: host.traits,
    "vcpus_total": _total("VCPU"),
    "vcpus_used": lambda host: host.used.get("VCPU", 0),
    "total_usable_ram_mb": _total("MEMORY_MB"),
    "free_ram_mb": _free("MEMORY_MB"),
    "total_usable_disk_gb": _total("DISK_GB"),
    "free_disk_mb": lambda host: _free("DISK_GB")(host) * 1024,
    "num_instances": lambda host: host.instances,
    "num_io_ops": lambda host: host.io_workload,
    "failed_builds": lambda host: host.failed_builds,
}


def paths(extra_specs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The extra specs that are about hosts: those in our scope, and those in none."""
    found = {}
    for key in extra_specs:
        words = key.split(":")
        if words[0] == SCOPE and len(words) > 1:
            found[key] = tuple(words[1:])
        elif len(words) == 1:
            found[key] = (key,)
    return found


class ComputeCapabilitiesFilter(Filter):
    """Each capabilities:<path> of the flavor (and each key without a scope) is met."""

    name = "ComputeCapabilitiesFilter"
    cost = 50

    def needed(self, request: RequestSpec) -> bool:
        return bool(paths(request.flavor.extra_specs))

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        specs = request.flavor.extra_specs
        for key, path in paths(specs).items():
            has = _look_up(host, path)
            if has is _MISSING:
                text = f"says nothing about {':'.join(path)}"
                return Reason(check=self.name, text=text, wanted=f"{key} {specs[key]}")
            if not operators.matches(has, specs[key]):
                text = f"{':'.join(path)} does not fit"
                return Reason(check=self.name, text=text, wanted=specs[key], has=_shown(has))
        return None


def _look_up(host: HostState, path: tuple[str, ...]) -> Any:
    """The value at `path`: an attribute, or something the host put into its statistics."""
    read = ATTRIBUTES.get(path[0])
    if read is not None:
        value, rest = read(host), path[1:]
    else:
        value, rest = host.stats, path
    for word in rest:
        if not isinstance(value, Mapping) or word not in value:
            return _MISSING
        value = value[word]
    return _MISSING if value is None else value


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:197] + "..."
