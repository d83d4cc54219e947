# SPDX-License-Identifier: Apache-2.0
"""Make a plan true: read what is there, and change what differs.

The order keeps guests apart at every moment: what belongs to networks that have left is
removed, then the rules are loaded, then bridges and devices are made.
"""

import json
import logging
from pathlib import Path
from typing import Any, Final

from nova_lite.network import diff, names, processes, seen, servers
from nova_lite.network.gateway import TABLE
from nova_lite.network.memory import Memory
from nova_lite.network.plan import HostPlan, NetworkPlan
from nova_lite.network.privileged import calls
from nova_lite.network.seen import SeenHost, SeenSpace

LOG = logging.getLogger(__name__)

HOST: Final = "host"  # the place of the host's own rules, among networks' ids
FORWARDING: Final = "net.ipv4.ip_forward"
SPACE_SETTINGS: Final = (
    (FORWARDING, "1"),
    ("net.ipv6.conf.all.forwarding", "1"),
    ("net.ipv4.conf.all.send_redirects", "0"),
    ("net.ipv4.conf.default.send_redirects", "0"),
    ("net.ipv4.conf.all.rp_filter", "0"),
    ("net.ipv4.conf.default.rp_filter", "0"),
)


def filters_bridges() -> bool:
    """Whether the kernel shows bridged packets to the rules that know of connections."""
    return Path("/proc/sys/net/bridge").exists()


class Applier:
    """One caller at a time."""

    def __init__(self, memory: Memory, table: str) -> None:
        self._memory = memory
        self._tables = [f"bridge {table}", f"inet {table}"]

    def apply(self, plan: HostPlan) -> dict[str, str]:
        """Network id -> why it could not be made ('' for the host itself). Raises what the
        privileged process raises when nothing at all can be done."""
        problems: dict[str, str] = {}
        there = read_host()
        if self._remove_others({p.id for p in plan.networks}, there):
            there = read_host()
        before = there
        self._load_rules(HOST, None, self._tables, plan.rules)
        if plan.networks:
            self._allow_forwarding()
        for planned in plan.networks:
            try:
                self._make(planned, there)
            except Exception as error:
                problems[planned.id] = _words(error)
                LOG.error("Network %s cannot be made: %s", planned.id, problems[planned.id])
        try:
            self._answer_outside(plan, before)
        except Exception as error:
            problems[""] = _words(error)
            LOG.error("Floating addresses cannot be announced: %s", problems[""])
        return problems

    def remove(self) -> None:
        """Take everything away that this daemon has made."""
        there = read_host()
        self._answer_outside(HostPlan(networks=(), rules=""), there)
        self._remove_others(set(), there)
        calls.load_rules(None, self._tables, "")
        noted = self._memory.noted("forwarding")
        if noted.get("switched_on"):
            calls.set_kernel(None, [(FORWARDING, "0")])
        self._memory.forget_everything()

    # --- the host -----------------------------------------------------------------------------

    def _load_rules(self, place: str, holder: int | None, tables: list[str], text: str) -> None:
        shown = calls.show_rules(holder, tables)
        if self._memory.rules_are(place, text, shown):
            return
        calls.load_rules(holder, tables, text)
        self._memory.keep_rules(place, text, calls.show_rules(holder, tables))
        LOG.info("Rules of %s were loaded", place)

    def _allow_forwarding(self) -> None:
        path = Path("/proc/sys") / FORWARDING.replace(".", "/")
        if path.read_text().strip() == "0":
            self._memory.note("forwarding", {"switched_on": True})
            calls.set_kernel(None, [(FORWARDING, "1")])
            LOG.info("%s was switched on", FORWARDING)

    def _answer_outside(self, plan: HostPlan, before: SeenHost) -> None:
        changes = diff.outside_changes(plan, before)
        if not changes:
            return
        calls.ip(None, list(changes.ip))
        new = [line.split() for line in changes.ip if line.startswith("neigh add proxy")]
        for words in new:
            calls.announce(words[5], words[3])

    def _remove_others(self, kept: set[str], there: SeenHost) -> bool:
        """Networks of ours that no longer have a guest here."""
        gone = [network for network in self._memory.network_ids() if network not in kept]
        for network in gone:
            folder = self._memory.network_folder(network)
            servers.end(folder)
            changes = diff.removal(network, there)
            if changes:
                calls.ip(None, list(changes.ip), insist=False)
            holder = processes.keeper(folder)
            if holder is not None:
                calls.signal_process(holder, 9)
            self._memory.forget_network(network)
            LOG.info("Network %s was removed from this host", network)
        return bool(gone)

    # --- one network --------------------------------------------------------------------------

    def _make(self, planned: NetworkPlan, there: SeenHost) -> None:
        folder = self._memory.make_network_folder(planned.id)
        holder, fresh = self._space(planned, folder)
        if fresh:
            there = read_host()
        changes = diff.network_changes(planned, there, holder)
        if changes.ip:
            calls.ip(None, list(changes.ip))
        if changes.bridge:
            calls.bridge(list(changes.bridge))
        if fresh:
            calls.set_kernel(holder, SPACE_SETTINGS)
        inside = diff.space_changes(planned, read_space(holder))
        if inside:
            calls.ip(holder, list(inside.ip))
        self._load_rules(planned.id, holder, [f"inet {TABLE}"], planned.space.rules)
        servers.serve(folder, holder, planned.space.dnsmasq)
        if changes or inside:
            lines = [*changes.ip, *changes.bridge, *inside.ip]
            LOG.info("Network %s: %s", planned.id, "; ".join(lines))
        if changes.problems:
            raise NotMade("; ".join(changes.problems))

    def _space(self, planned: NetworkPlan, folder: Path) -> tuple[int, bool]:
        """The keeper of the network's namespace, and whether the namespace is new."""
        holder = processes.keeper(folder)
        if holder is not None:
            return holder, False
        beside = processes.dnsmasq(folder)
        holder = calls.open_space(beside)
        processes.keep_keeper(folder, holder)
        if beside is None:
            # the kernel takes away what led into the old one, but in its own time
            ends = (names.inner_peer(planned.id), names.outer_peer(planned.id))
            links = read_host().links
            old = [f"link del {name}" for name in ends if name in links]
            if old:
                calls.ip(None, old, insist=False)
        LOG.info("Network %s has a namespace, kept by process %d", planned.id, holder)
        return holder, beside is None


class NotMade(Exception):
    """A part of a network that this host cannot have; the rest of it is there."""


def read_host() -> SeenHost:
    answers = [_parsed(text) for text in calls.ask(None, seen.ROOT_QUESTIONS)]
    return seen.host(answers, _parsed(calls.forwarding()))


def read_space(holder: int) -> SeenSpace:
    return seen.space([_parsed(text) for text in calls.ask(holder, seen.SPACE_QUESTIONS)])


def _parsed(text: str) -> list[dict[str, Any]]:
    return list(json.loads(text)) if text.strip() else []


def _words(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def all_alive(memory: Memory, plan: HostPlan) -> bool:
    """Whether the processes of all networks live: looked at often, so it costs little."""
    for planned in plan.networks:
        folder = memory.network_folder(planned.id)
        if processes.keeper(folder) is None:
            return False
        if planned.space.dnsmasq is not None and processes.dnsmasq(folder) is None:
            return False
    return True
