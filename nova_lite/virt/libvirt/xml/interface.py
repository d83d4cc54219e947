# SPDX-License-Identifier: Apache-2.0
"""<interface>."""

from nova_lite.virt.libvirt.guestspec import InterfaceSpec
from nova_lite.virt.libvirt.xml.element import Element, element, render


def interface(spec: InterfaceSpec) -> Element:
    """One network interface."""
    bridged = spec.kind == "bridge"
    return element(
        "interface",
        element("mac", address=spec.mac),
        element("source", bridge=spec.bridge) if bridged else None,
        element("target", dev=spec.device) if bridged else None,
        element("model", type=spec.model),
        _driver(spec),
        _bandwidth(spec),
        element("mtu", size=spec.mtu) if bridged and spec.mtu else None,
        type=spec.kind,
    )


def _driver(spec: InterfaceSpec) -> Element | None:
    if spec.queues is None and not spec.packed:
        return None
    return element("driver", queues=spec.queues, packed="on" if spec.packed else None)


def _bandwidth(spec: InterfaceSpec) -> Element | None:
    if not spec.inbound and not spec.outbound:
        return None
    return element(
        "bandwidth",
        element("inbound", **spec.inbound) if spec.inbound else None,
        element("outbound", **spec.outbound) if spec.outbound else None,
    )


def interface_xml(spec: InterfaceSpec) -> str:
    """The text that libvirt plugs one interface from."""
    return render(interface(spec))
