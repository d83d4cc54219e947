# SPDX-License-Identifier: Apache-2.0
"""dnsmasq's files for one network: addresses that follow from the rows, and from nothing else.

There is a dnsmasq on every host that has guests of the network, and it knows the guests of its
host alone. Pure.
"""

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nova_lite.domain.network import HostNetwork, HostPort, Route, Subnet
from nova_lite.network.names import INNER, METADATA_ADDRESS

_NAME: Final = re.compile(r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$")


@dataclass(frozen=True)
class Files:
    """`config` is read at start; the others again after SIGHUP. {folder} is where they are."""

    config: str
    hosts: str
    options: str
    records: str

    @property
    def digest(self) -> str:
        """Of what is read at start only."""
        return hashlib.sha256(self.config.encode()).hexdigest()[:16]


def files(
    entry: HostNetwork,
    *,
    own_gateway: bool,
    resolvers: Sequence[str],
    domain: str,
    lease: int,
    more: Sequence[str] = (),
    as_root: bool = False,
) -> Files | None:
    """None when no subnet has DHCP on."""
    served = [subnet for subnet in entry.subnets if subnet.dhcp]
    if not served:
        return None
    tags = {subnet.id: f"s{at}" for at, subnet in enumerate(served)}
    return Files(
        config=_config(served, tags, own_gateway, resolvers, domain, lease, more, as_root),
        hosts="".join(_host(port, tags, domain) for port in _in_order(entry)),
        options="".join(
            line
            for subnet in served
            for line in _options(subnet, tags[subnet.id], entry.network.mtu, own_gateway)
        ),
        records="".join(_records(entry, domain)),
    )


def _in_order(entry: HostNetwork) -> list[HostPort]:
    return sorted(entry.ports, key=lambda port: port.id)


def _config(
    served: Sequence[Subnet],
    tags: dict[str, str],
    own_gateway: bool,
    resolvers: Sequence[str],
    domain: str,
    lease: int,
    more: Sequence[str],
    as_root: bool,
) -> str:
    here = sorted(s.gateway for s in served if s.gateway) if own_gateway else []
    lines = [
        "# Written by nova-lite-network.",
        # it listens at those that are there when it starts
        f"# Addresses: {' '.join(here)}",
        f"interface={INNER}",
        "except-interface=lo",
        "bind-interfaces",
        "no-hosts",
        "no-resolv",
        "no-poll",
        "no-ping",
        "leasefile-ro",
        "dhcp-authoritative",
        "dhcp-ignore=tag:!known",
        "dhcp-ignore-names",
        "pid-file={folder}/dnsmasq.pid",
        "dhcp-hostsfile={folder}/hosts",
        "dhcp-optsfile={folder}/options",
        "addn-hosts={folder}/records",
        f"domain={domain}",
        f"local=/{domain}/",
        *(["user=root", "group=root"] if as_root else []),
        *(f"server={address}" for address in resolvers),
    ]
    lines += [_range(subnet, tags[subnet.id], own_gateway, lease) for subnet in served]
    if own_gateway and any(subnet.version == 6 and subnet.gateway for subnet in served):
        lines.append("enable-ra")
    return "\n".join([*lines, *more, ""])


def _range(subnet: Subnet, tag: str, own_gateway: bool, lease: int) -> str:
    block = ipaddress.ip_network(subnet.cidr)
    if subnet.version == 6:
        text = f"dhcp-range=set:{tag},{block.network_address},static,{block.prefixlen},{lease}"
    else:
        text = f"dhcp-range=set:{tag},{block.network_address},static,{block.netmask},{lease}"
    if own_gateway and subnet.gateway:
        return text
    # nobody here has an address of that subnet
    return f"shared-network={INNER},{block.network_address}\n{text}"


def _host(port: HostPort, tags: dict[str, str], domain: str) -> str:
    """One line. dnsmasq gives out one IPv4 address to a client, so the first is it."""
    known = [a.address for a in port.addresses if a.subnet_id in tags]
    first = [address for address in known if ":" not in address][:1]
    name = port.hostname if _NAME.match(port.hostname) else ""
    parts = [port.mac, *first, *(f"[{address}]" for address in known if ":" in address)]
    if len(parts) == 1:
        return ""
    return ",".join([*parts, *([name] if name else [])]) + "\n"


def _options(subnet: Subnet, tag: str, mtu: int, own_gateway: bool) -> list[str]:
    if subnet.version == 6:
        servers = [f"[{address}]" for address in _addresses(subnet.dns, 6)]
        return [f"tag:{tag},option6:dns-server,{','.join(servers or ['[::]'])}\n"]
    own = subnet.gateway if own_gateway else None
    resolvers = _addresses(subnet.dns, 4)
    lines = [
        f"tag:{tag},option:mtu,{mtu}\n",
        f"tag:{tag},option:dns-server,{','.join(resolvers or [own or METADATA_ADDRESS])}\n",
    ]
    routes = [f"{METADATA_ADDRESS}/32,{own or '0.0.0.0'}"]
    routes += [f"{r.destination},{r.nexthop}" for r in subnet.routes if _is_route(r)]
    if subnet.gateway:
        lines.append(f"tag:{tag},option:router,{subnet.gateway}\n")
        routes.append(f"0.0.0.0/0,{subnet.gateway}")
    else:
        lines.append(f"tag:{tag},option:router\n")  # none, instead of dnsmasq itself
    # 121, and what Windows calls it; a client that reads it looks at no other router
    lines += [f"tag:{tag},{number},{','.join(routes)}\n" for number in (121, 249)]
    return lines


def _addresses(texts: Sequence[str], version: int) -> list[str]:
    """Those that are addresses: one wrong word, and dnsmasq would not start."""
    found = []
    for text in texts:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address.version == version:
            found.append(str(address))
    return found


def _is_route(route: Route) -> bool:
    try:
        ipaddress.IPv4Network(route.destination)
        ipaddress.IPv4Address(route.nexthop)
    except ValueError:
        return False
    return True


def _records(entry: HostNetwork, domain: str) -> list[str]:
    return [
        f"{address.address} {port.hostname}.{domain} {port.hostname}\n"
        for port in _in_order(entry)
        for address in port.addresses
        if _NAME.match(port.hostname)
    ]
