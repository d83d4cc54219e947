# SPDX-License-Identifier: Apache-2.0
"""Ports as servers see them: interfaces with their networks, subnets and addresses."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from nova_lite.db.api import network_rows
from nova_lite.db.engine import Tx
from nova_lite.domain.devices import FixedIp, Vif, VifSubnet
from nova_lite.domain.network import (
    FloatingIp,
    Network,
    Port,
    SecurityGroup,
    Subnet,
    bridge_name,
    tap_name,
)


def of_ports(tx: Tx, ports: Sequence[Port]) -> list[Vif]:
    """In the order of the ports."""
    if not ports:
        return []
    wanted = sorted({port.network_id for port in ports})
    networks = {each.id: each for each in network_rows.find(tx, Network, uuid=wanted)}
    subnets = {each.id: each for each in network_rows.find(tx, Subnet, network_id=wanted)}
    floatings = network_rows.find(tx, FloatingIp, port_id=[port.id for port in ports])
    outside: dict[tuple[str | None, str | None], list[str]] = {}
    for each in floatings:
        outside.setdefault((each.port_id, each.fixed_address), []).append(each.address)
    return [
        _vif(port, networks[port.network_id], subnets, outside)
        for port in ports
        if port.network_id in networks
    ]


def _vif(port: Port, network: Network, subnets: dict[str, Subnet], outside: Any) -> Vif:
    used = [subnets[each.subnet_id] for each in port.addresses if each.subnet_id in subnets]
    return Vif(
        port_id=port.id,
        network_id=network.id,
        mac=port.mac,
        label=network.name,
        vif_type="bridge",
        fixed_ips=[
            FixedIp(
                address=each.address,
                version=6 if ":" in each.address else 4,
                subnet_id=each.subnet_id,
                floating_ips=outside.get((port.id, each.address), []),
            )
            for each in port.addresses
        ],
        details={"bridge": bridge_name(network.id)},
        devname=tap_name(port.id),
        active=port.host is not None,
        mtu=network.mtu,
        preexisting=port.preexisting,
        subnets=[_subnet(each) for each in {each.id: each for each in used}.values()],
    )


def _subnet(subnet: Subnet) -> VifSubnet:
    return VifSubnet(
        id=subnet.id,
        cidr=subnet.cidr,
        version=subnet.version,
        gateway=subnet.gateway,
        dns=list(subnet.dns),
        routes=[(route.destination, route.nexthop) for route in subnet.routes],
        dhcp=subnet.dhcp,
    )


def merged(old: Vif, new: Vif) -> Vif:
    """What the rows say, with what only the server's own row knows."""
    return replace(new, tag=old.tag)


def group_names(tx: Tx, instance_uuid: str) -> list[str]:
    """The groups that the ports of a server are in, by name."""
    wanted = {
        group
        for port in network_rows.find(tx, Port, device_id=instance_uuid)
        for group in port.security_groups
    }
    if not wanted:
        return []
    return sorted({each.name for each in network_rows.find(tx, SecurityGroup, uuid=wanted)})
