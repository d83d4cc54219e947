# SPDX-License-Identifier: Apache-2.0
"""What is there, read from the answers of `ip` and `bridge` (JSON). Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nova_lite.network.plan import PROTOCOL

# What is asked, one line each; the answers come in this order.
ROOT_QUESTIONS: Final = (
    "link show",
    "address show",
    f"-4 route show table all proto {PROTOCOL}",
    "-4 rule show",
    "-4 neigh show proxy",
)
SPACE_QUESTIONS: Final = ("link show", "address show", "-4 route show", "-6 route show")


@dataclass(frozen=True)
class Link:
    """A device. `data` is what its kind says of itself, in the words of `ip`."""

    name: str
    kind: str = ""
    master: str | None = None
    mac: str = ""
    mtu: int = 1500
    up: bool = False
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    destination: str
    device: str
    gateway: str | None = None
    table: str = "main"


@dataclass(frozen=True)
class SeenSpace:
    links: Mapping[str, Link]
    addresses: Mapping[str, frozenset[str]]
    routes: frozenset[Route]


@dataclass(frozen=True)
class SeenHost(SeenSpace):
    """`sources`: (priority, address, table) of the rules that choose a table by the sender;
    `proxied`: (address, device); `forward`: tunnel -> (MAC, tunnel address)."""

    sources: frozenset[tuple[int, str, str]] = frozenset()
    proxied: frozenset[tuple[str, str]] = frozenset()
    forward: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)


def documents(text: str) -> list[list[dict[str, Any]]]:
    """The JSON lists that `ip -batch` prints one after the other. An answer without a line is
    no list at all, so every question has to have been asked with its own mark: see `answers`."""
    decoder, at, found = json.JSONDecoder(), 0, []
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found


def space(answers: list[list[dict[str, Any]]]) -> SeenSpace:
    """From the answers to SPACE_QUESTIONS."""
    links, addresses, *routes = answers
    return SeenSpace(
        links=_links(links),
        addresses=_addresses(addresses),
        routes=frozenset(r for block in routes for r in _routes(block)),
    )


def host(answers: list[list[dict[str, Any]]], forward: list[dict[str, Any]]) -> SeenHost:
    """From the answers to ROOT_QUESTIONS, and what `bridge fdb show` says."""
    links, addresses, routes, rules, proxies = answers
    return SeenHost(
        links=_links(links),
        addresses=_addresses(addresses),
        routes=frozenset(_routes(routes)),
        sources=frozenset(_sources(rules)),
        proxied=frozenset((p["dst"], p["dev"]) for p in proxies if "dst" in p),
        forward=_forward(forward),
    )


def _links(entries: list[dict[str, Any]]) -> dict[str, Link]:
    found = {}
    for entry in entries:
        info = entry.get("linkinfo", {})
        found[entry["ifname"]] = Link(
            name=entry["ifname"],
            kind=info.get("info_kind", ""),
            master=entry.get("master"),
            mac=entry.get("address", ""),
            mtu=entry.get("mtu", 0),
            up="UP" in entry.get("flags", []),
            data=info.get("info_data", {}),
        )
    return found


def _addresses(entries: list[dict[str, Any]]) -> dict[str, frozenset[str]]:
    """Device -> addresses with their prefix; link-local ones of IPv6 are the kernel's affair."""
    return {
        entry["ifname"]: frozenset(
            f"{item['local']}/{item['prefixlen']}"
            for item in entry.get("addr_info", [])
            if "local" in item and not (item.get("family") == "inet6" and item["scope"] == "link")
        )
        for entry in entries
        if "ifname" in entry
    }


def _routes(entries: list[dict[str, Any]]) -> Iterator[Route]:
    for entry in entries:
        if entry.get("dev") and entry.get("type", "unicast") == "unicast":
            yield Route(
                destination=str(entry["dst"]),
                device=entry["dev"],
                gateway=entry.get("gateway"),
                table=str(entry.get("table", "main")),
            )


def _sources(entries: list[dict[str, Any]]) -> Iterator[tuple[int, str, str]]:
    for entry in entries:
        if str(entry.get("protocol")) == str(PROTOCOL):
            yield int(entry["priority"]), str(entry.get("src")), str(entry.get("table", "main"))


def _forward(entries: list[dict[str, Any]]) -> dict[str, frozenset[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for entry in entries:
        if "dst" in entry:
            found.setdefault(entry["ifname"], set()).add((entry["mac"], entry["dst"]))
    return {name: frozenset(rows) for name, rows in found.items()}
