# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of the built-in network: ranges, addresses, MACs. Pure; raises NetworkInvalid."""

import hashlib
import ipaddress
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final

from nova_lite.domain.errors_network import NetworkInvalid
from nova_lite.domain.network import AddressRange, Route, Subnet

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

MAC_PREFIX: Final = "fa:16:3e"
# The relay of the metadata service listens there, and the host's own transit addresses are below.
RESERVED: Final = ipaddress.ip_network("169.254.0.0/16")
# What no guest can have as its own: this host, loopback, one link, groups, broadcast.
IMPOSSIBLE: Final = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32",
        "::/127", "::ffff:0:0/96", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip
SMALLEST: Final = 30  # prefix of the smallest IPv4 subnet that has room for a gateway and a guest


def cidr(text: str) -> IPNetwork:
    """A range as it is written in full."""
    try:
        found = ipaddress.ip_network(text)
    except ValueError as error:
        raise NetworkInvalid(f"'{text}' is not a valid CIDR: {error}") from None
    if found.version == 4 and found.prefixlen > SMALLEST:
        raise NetworkInvalid(f"{text} has no room: a subnet has a prefix of /{SMALLEST} at most.")
    for other in IMPOSSIBLE:
        if other.version == found.version and found.overlaps(other):
            raise NetworkInvalid(f"{text} cannot be given to guests: it overlaps {other}.")
    if found.version == 4 and found.overlaps(RESERVED):
        raise NetworkInvalid(f"{text} overlaps {RESERVED}, which the hosts need for themselves.")
    if found.version == 6 and found.prefixlen > 126:
        raise NetworkInvalid(f"{text} has no room: a subnet has a prefix of /126 at most.")
    return found


def address(text: str) -> IPAddress:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise NetworkInvalid(f"'{text}' is not a valid IP address.") from None


def first_host(net: IPNetwork) -> str:
    """Where the gateway is unless somebody says something else."""
    return str(net.network_address + 1)


def _ends(net: IPNetwork) -> tuple[int, int]:
    """First and last address that a guest may have."""
    last = net.broadcast_address if net.version == 6 else net.broadcast_address - 1
    return int(net.network_address) + 1, int(last)


def inside(net: IPNetwork, text: str, what: str) -> IPAddress:
    """An address that hosts of this range may have; `what` it is for is told to people."""
    found = address(text)
    first, last = _ends(net)
    if found.version != net.version or not first <= int(found) <= last:
        raise NetworkInvalid(f"{what} {text} is not an address for hosts of {net}.")
    return found


def default_pools(net: IPNetwork, gateway: str | None) -> list[AddressRange]:
    """All but the gateway."""
    first, last = _ends(net)
    make = type(net.network_address)
    hole = int(address(gateway)) if gateway is not None else first - 1
    parts = [(first, last)]
    if first <= hole <= last:
        parts = [(first, hole - 1), (hole + 1, last)]
    return [
        AddressRange(start=str(make(start)), end=str(make(end)))
        for start, end in parts
        if start <= end
    ]


def check_pools(net: IPNetwork, pools: Sequence[AddressRange], gateway: str | None) -> None:
    """Inside, in order, apart from each other and from the gateway."""
    spans = []
    for pool in pools:
        start = int(inside(net, pool.start, "The start of the allocation pool"))
        end = int(inside(net, pool.end, "The end of the allocation pool"))
        if start > end:
            raise NetworkInvalid(
                f"The start of the allocation pool {pool.start}-{pool.end} is after its end."
            )
        if gateway is not None and start <= int(address(gateway)) <= end:
            raise NetworkInvalid(
                f"Gateway ip {gateway} conflicts with allocation pool {pool.start}-{pool.end}.",
                "GatewayConflictWithAllocationPools",
            )
        spans.append((start, end))
    spans.sort()
    for one, other in zip(spans, spans[1:], strict=False):
        if other[0] <= one[1]:
            raise NetworkInvalid("Allocation pools overlap.", "OverlappingAllocationPools")


def check_apart(net: IPNetwork, others: Iterable[Subnet]) -> None:
    """Subnets of one network do not overlap."""
    for other in others:
        if other.version == net.version and net.overlaps(ipaddress.ip_network(other.cidr)):
            raise NetworkInvalid(
                f"Requested subnet with cidr: {net} for network: {other.network_id} overlaps with "
                f"another subnet."
            )


def check_routes(net: IPNetwork, routes: Iterable[Route]) -> None:
    for route in routes:
        try:
            destination = ipaddress.ip_network(route.destination)
        except ValueError:
            raise NetworkInvalid(f"'{route.destination}' is not a valid CIDR.") from None
        if destination.version != net.version:
            raise NetworkInvalid(f"Route {route.destination} is of another IP version.")
        if address(route.nexthop).version != net.version:
            raise NetworkInvalid(f"Next hop {route.nexthop} is of another IP version.")


def choose(subnet: Subnet, seed: str, taken: Callable[[str], bool]) -> str | None:
    """A free address of the pools, looked for from a place that follows from `seed`, so that one
    that was just given back is not given away at once. None: there is none."""
    make = type(ipaddress.ip_network(subnet.cidr).network_address)
    spans = [(int(address(pool.start)), int(address(pool.end))) for pool in subnet.pools]
    total = sum(end - start + 1 for start, end in spans)
    if not total:
        return None
    offset = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16], "big") % total
    for step in range(total):
        number = _nth(spans, (offset + step) % total)
        text = str(make(number))
        if not taken(text):
            return text
    return None


def _nth(spans: Sequence[tuple[int, int]], at: int) -> int:
    for start, end in spans:
        size = end - start + 1
        if at < size:
            return start + at
        at -= size
    raise AssertionError("the place is below the total")


def mac_of(seed: str, taken: Collection[str] = ()) -> str:
    """fa:16:3e and three bytes that follow from `seed`, and are not taken."""
    tries = 0
    while True:
        digest = hashlib.sha256(f"{seed}/{tries}".encode() if tries else seed.encode()).digest()
        mac = "{}:{:02x}:{:02x}:{:02x}".format(MAC_PREFIX, *digest[:3])
        if mac not in taken:
            return mac
        tries += 1


def remote_range(text: str, version: int) -> str:
    """The remote side of a rule, as a range."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise NetworkInvalid(f"'{text}' is not a valid remote IP prefix.", "InvalidInput") from None
    if found.version != version:
        raise NetworkInvalid(
            f"Conflicting value ethertype IPv{version} for CIDR {text}",
            "SecurityGroupRuleParameterConflict",
        )
    return str(found)
