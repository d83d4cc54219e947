# SPDX-License-Identifier: Apache-2.0
"""network_data.json: how a guest configures its interfaces."""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from nova_lite.domain.devices import FixedIp, Vif, VifSubnet
from nova_lite.domain.network import tap_name

# What guests' software knows of how an interface is plugged; any other is a physical one to it.
_TYPES: Final = frozenset(
    ("bridge", "dvs", "hw_veb", "hyperv", "ovs", "phy", "tap", "vhostuser", "vif")
)


def network_data(vifs: Sequence[Vif]) -> dict[str, Any]:
    """{} for a server without interfaces. Of each interface, the first subnet of each IP version
    is told."""
    if not vifs:
        return {}
    networks: list[dict[str, Any]] = []
    for vif in vifs:
        for subnet, address in _subnets(vif):
            networks.append(_network(f"network{len(networks)}", vif, subnet, address))
    told = [subnet for vif in vifs for subnet, _ in _subnets(vif)]
    return {
        "links": [_link(vif) for vif in vifs],
        "networks": networks,
        "services": _dns(server for subnet in told for server in subnet.dns),
    }


def link_name(vif: Vif) -> str:
    return vif.devname or tap_name(vif.port_id)


def _subnets(vif: Vif) -> Iterator[tuple[VifSubnet, FixedIp | None]]:
    """The first of each version, with the address that the server has in it."""
    for version in (4, 6):
        for subnet in vif.subnets:
            if subnet.version == version:
                own = [ip for ip in vif.fixed_ips if ip.subnet_id == subnet.id]
                yield subnet, own[0] if own else None
                break
        else:
            # the back end knows of no subnets: all there is to say is to ask by DHCP
            for ip in vif.fixed_ips:
                if ip.version == version:
                    yield VifSubnet(id=ip.subnet_id or "", cidr="", version=version), ip
                    break


def _link(vif: Vif) -> dict[str, Any]:
    by_dhcp = any(subnet.dhcp for subnet, _ in _subnets(vif))
    return {
        "id": link_name(vif),
        "vif_id": vif.port_id,
        "type": vif.vif_type if vif.vif_type in _TYPES else "phy",
        "mtu": None if by_dhcp else vif.mtu,
        "ethernet_mac_address": vif.mac,
    }


def _network(name: str, vif: Vif, subnet: VifSubnet, address: FixedIp | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": name,
        "type": _type(subnet),
        "link": link_name(vif),
        "network_id": vif.network_id,
    }
    if made["type"] == "ipv4_dhcp" or made["type"] == "ipv6_dhcp" or address is None:
        return made
    whole = ipaddress.ip_network(subnet.cidr)
    return {
        **made,
        "ip_address": address.address,
        "netmask": str(whole.netmask),
        "routes": list(_routes(subnet)),
        "services": _dns(subnet.dns),
    }


def _type(subnet: VifSubnet) -> str:
    if subnet.version == 6 and subnet.address_mode:
        return f"ipv6_{subnet.address_mode}"
    return f"ipv{subnet.version}" + ("_dhcp" if subnet.dhcp else "")


def _routes(subnet: VifSubnet) -> Iterator[dict[str, str]]:
    if subnet.gateway:
        everywhere = "0.0.0.0" if subnet.version == 4 else "::"
        yield {"network": everywhere, "netmask": everywhere, "gateway": subnet.gateway}
    for destination, nexthop in subnet.routes:
        where = ipaddress.ip_network(destination)
        yield {
            "network": str(where.network_address),
            "netmask": str(where.netmask),
            "gateway": nexthop,
        }


def _dns(servers: Iterable[str]) -> list[dict[str, str]]:
    return [{"type": "dns", "address": server} for server in dict.fromkeys(servers)]
