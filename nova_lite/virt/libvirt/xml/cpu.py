# SPDX-License-Identifier: Apache-2.0
"""<cpu>, <vcpu> and <cputune>."""

from nova_lite.virt.libvirt.guestspec import CpuSpec, TuneSpec
from nova_lite.virt.libvirt.xml.element import Element, element


def cpu(spec: CpuSpec) -> Element | None:
    """None where the hypervisor's default is wanted."""
    if spec.mode is None and spec.topology is None:
        return None
    model = element("model", spec.model, fallback="forbid") if spec.model else None
    topology = None
    if spec.topology is not None:
        topology = element(
            "topology",
            sockets=spec.topology.sockets,
            cores=spec.topology.cores,
            threads=spec.topology.threads,
        )
    features = [
        element("feature", policy=policy, name=name)
        for name, policy in sorted(spec.features.items())
    ]
    match = "exact" if spec.mode == "custom" else None
    return element("cpu", model, topology, *features, mode=spec.mode, match=match)


def tune(spec: TuneSpec) -> Element | None:
    """None where nothing is limited."""
    parts = [("shares", spec.shares), ("period", spec.period), ("quota", spec.quota)]
    if all(value is None for _, value in parts):
        return None
    return element("cputune", *(element(name, value) for name, value in parts if value is not None))
