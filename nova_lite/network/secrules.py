# SPDX-License-Identifier: Apache-2.0
"""A rule of a security group as an nftables expression. Pure."""

import functools
import ipaddress
from dataclasses import dataclass
from typing import Final

from nova_lite.domain.network import HostRule

WITH_PORTS: Final = {"tcp": "tcp", "udp": "udp", "sctp": "sctp", "dccp": "dccp",
                     "udplite": "udplite"}  # fmt: skip
BY_NUMBER: Final = {"6": "tcp", "17": "udp", "33": "dccp", "132": "sctp", "136": "udplite"}
PROTOCOLS: Final = {
    "ah": 51,
    "egp": 8,
    "esp": 50,
    "gre": 47,
    "igmp": 2,
    "ipip": 4,
    "ipv6-encap": 41,
    "ipv6-frag": 44,
    "ipv6-nonxt": 59,
    "ipv6-opts": 60,
    "ipv6-route": 43,
    "ospf": 89,
    "pgm": 113,
    "rsvp": 46,
    "vrrp": 112,
}
ICMP: Final = {"icmp", "icmpv6", "ipv6-icmp", "1", "58"}


@dataclass(frozen=True)
class Matches:
    """remote: None for anybody, a block, or the addresses of a group's members."""

    version: int
    expression: str
    remote: str | tuple[str, ...] | None


def match(rule: HostRule) -> Matches | None:
    """None when it can match nothing: a group without members, an unknown protocol."""
    remote: str | tuple[str, ...] | None = None
    if rule.remote_cidr is not None:
        block = _block(rule.remote_cidr, rule.version)
        if block is None:
            return None
        remote = None if block.endswith("/0") else block
    if rule.members is not None:
        remote = _members(tuple(rule.members), rule.version)
        if not remote:
            return None
    expression = _protocol(rule)
    if expression is None:
        return None
    return Matches(version=rule.version, expression=expression, remote=remote)


@functools.lru_cache(maxsize=512)
def _members(texts: tuple[str, ...], version: int) -> tuple[str, ...]:
    """A group has many members, and is named by many rules of many ports."""
    single = "/128" if version == 6 else "/32"
    blocks = (_block(text, version) for text in texts)
    return tuple(sorted({block.removesuffix(single) for block in blocks if block is not None}))


def _block(text: str, version: int) -> str | None:
    try:
        block = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    return str(block) if block.version == version else None


def _protocol(rule: HostRule) -> str | None:
    name = (rule.protocol or "").lower()
    if name in ("", "any", "-1"):
        return ""
    if name in ICMP:
        return _icmp(rule)
    name = BY_NUMBER.get(name, name)
    if name in WITH_PORTS:
        return _ports(name, rule)
    if name in PROTOCOLS:
        return f"meta l4proto {PROTOCOLS[name]}"
    if name.isdigit() and int(name) <= 255:
        return f"meta l4proto {int(name)}" if int(name) else ""
    return None


def _icmp(rule: HostRule) -> str | None:
    """port_min and port_max are type and code."""
    word, number = ("icmpv6", "ipv6-icmp") if rule.version == 6 else ("icmp", "icmp")
    if rule.port_min is None:
        return f"meta l4proto {number}"
    if not (0 <= rule.port_min <= 255 and 0 <= (rule.port_max or 0) <= 255):
        return None
    text = f"{word} type {rule.port_min}"
    return text if rule.port_max is None else f"{text} {word} code {rule.port_max}"


def _ports(name: str, rule: HostRule) -> str | None:
    low = rule.port_min if rule.port_min is not None else rule.port_max
    high = rule.port_max if rule.port_max is not None else rule.port_min
    if low is None or high is None:
        return f"meta l4proto {name}"
    if not 0 <= low <= high <= 65535:
        return None
    span = str(low) if low == high else f"{low}-{high}"
    return f"{name} dport {span}"
