# SPDX-License-Identifier: Apache-2.0
"""The nftables rules of a network's namespace: gateway, translation, and nothing else. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from nova_lite.network.names import INNER, METADATA_ADDRESS, OUTER

TABLE: Final = "nova_lite"


def space_rules(*, inside: Sequence[str], floatings: Mapping[str, str]) -> str:
    """`inside`: the IPv4 blocks that are translated on their way out; `floatings`: outer ->
    inner address. The text replaces the table whole, in one transaction."""
    return "\n".join(
        [
            f"table inet {TABLE} {{",
            *_translation(floatings),
            *_passage(inside, floatings),
            *_input(),
            "}",
            "",
        ]
    )


def _translation(floatings: Mapping[str, str]) -> list[str]:
    lines = ["chain arriving {", "type nat hook prerouting priority dstnat; policy accept;"]
    for outer, inner in sorted(floatings.items()):
        lines.append(f"ip daddr {outer} dnat ip to {inner}")
    lines += ["}", "chain leaving {", "type nat hook postrouting priority srcnat; policy accept;"]
    # a guest that talks to the floating address of its neighbour (or its own) comes from here
    lines.append(f'oifname "{INNER}" ct status dnat iifname "{INNER}" masquerade')
    for outer, inner in sorted(floatings.items()):
        lines.append(f'oifname "{OUTER}" ip saddr {inner} snat ip to {outer}')
    return [*lines, f'oifname "{OUTER}" meta nfproto ipv4 masquerade', "}"]


def _passage(inside: Sequence[str], floatings: Mapping[str, str]) -> list[str]:
    lines = [
        "chain passing {",
        "type filter hook forward priority filter; policy drop;",
        "tcp flags syn tcp option maxseg size set rt mtu",
        "ct state established,related accept",
        "ct state invalid drop",
    ]
    if floatings:
        lines.append("ct status dnat accept")
    if inside:
        blocks = ", ".join(sorted(inside))
        lines.append(
            f'iifname "{INNER}" oifname "{OUTER}" ip saddr {{ {blocks} }} '
            f"ip daddr != {METADATA_ADDRESS} accept"
        )
    return [*lines, "}"]


def _input() -> list[str]:
    return [
        "chain input {",
        "type filter hook input priority filter; policy drop;",
        'iifname "lo" accept',
        "ct state established,related accept",
        "meta l4proto { icmp, ipv6-icmp } accept",
        f'iifname "{INNER}" udp dport {{ 53, 67, 547 }} accept',
        f'iifname "{INNER}" tcp dport 53 accept',
        f'iifname "{INNER}" ip daddr {METADATA_ADDRESS} tcp dport 80 accept',
        "}",
    ]
