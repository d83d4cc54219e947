# SPDX-License-Identifier: Apache-2.0
"""The network of this host, kept as the conductor says: its calls, and what it does by itself."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from nova_lite.base import clock, concurrency
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.network import HostNetworks
from nova_lite.network import applier, identity, processes
from nova_lite.network.filters import MOST_PORTS
from nova_lite.network.memory import Memory
from nova_lite.network.plan import HostPlan, Settings, plan, room
from nova_lite.network.relay import Relay
from nova_lite.rpc.clients import Clients

LOG = logging.getLogger(__name__)

PORTS: Final = MOST_PORTS - 1


class Agent:
    def __init__(self, host: str, settings: Settings, folder: Path, relay: Relay,
                 clients: Clients) -> None:  # fmt: skip
        self.host = host
        self._settings = settings
        self._memory = Memory(folder)
        self._applier = applier.Applier(self._memory, settings.table)
        self._relay = relay
        self._clients = clients
        self._lock = concurrency.Lock()
        self._known: HostNetworks | None = None
        self._plan: HostPlan | None = None
        self._problems: dict[str, str] = {}
        self._impossible: dict[str, str] = {}  # those that no repair helps
        self._reported: set[str] = set()
        self._told: set[str] = set()  # what is in the log, and still so
        self._good_since = 0.0  # when the last run began that went well
        self.look_again: Callable[[], None] = lambda: None

    def endpoint(self) -> Mapping[str, Callable[..., Any]]:
        """The calls of the contract, by name."""
        return {"refresh": self._refresh, "ensure": self._ensure}

    # --- calls --------------------------------------------------------------------------------

    def _refresh(self, context: RequestContext) -> None:
        self.look_again()

    def _ensure(
        self, context: RequestContext, *, network_ids: list[str], port_ids: list[str]
    ) -> None:
        self.bring_up(context, shared=True)
        with self._lock:
            known = self._known or HostNetworks(generation=0)
            there = {entry.network.id for entry in known.networks}
            ports = {port.id for entry in known.networks for port in entry.ports}
            missing = sorted({*network_ids} - there) + sorted({*port_ids} - ports)
            never = [self._impossible[key] for key in network_ids if key in self._impossible]
            wrong = [self._problems[key] for key in ("", *network_ids) if key in self._problems]
        if missing:
            raise errors.HostNetworkUnavailable(
                reason=f"host {self.host} is not told of {', '.join(missing)}"
            )
        if never:
            raise errors.NetworkNotOnHost(host=self.host, reason="; ".join(never))
        if wrong:
            raise errors.HostNetworkUnavailable(reason=f"on host {self.host}: {'; '.join(wrong)}")

    # --- what is done again and again ---------------------------------------------------------

    def recall(self) -> None:
        """Go on with what was known before the last stop. Raises ConfigurationError."""
        try:
            self._memory.prepare()
        except OSError as error:
            raise errors.ConfigurationError(
                option="[network] files_path", reason=f"cannot be used: {error}"
            ) from error
        with self._lock:
            self._known = self._memory.known()
            if self._known is not None:
                self._make(self._known)

    def bring_up(self, context: RequestContext, *, shared: bool = False) -> None:
        """Ask the conductor, make it so, and report ports that are ready. Without an answer,
        what was known before is repaired. Raises Unavailable after that. `shared`: one that
        began after this call is as good, so that many calls at a time are not many runs."""
        arrived = clock.monotonic()
        with self._lock:
            if shared and self._good_since > arrived:
                return
            began = clock.monotonic()
            unheard: errors.Unavailable | None = None
            try:
                self._ask(context)
            except errors.Unavailable as error:
                unheard = error
            if self._known is not None:
                self._make(self._known)
            if unheard is not None:
                raise unheard
            self._report(context)
            self._good_since = began

    def repair(self, context: RequestContext) -> None:
        """`bring_up` as a job."""
        try:
            self.bring_up(context)
        except errors.Unavailable as error:
            LOG.warning("The network of %s is kept as it was: %s", self.host, error.message)

    def look_after_processes(self, context: RequestContext) -> None:
        """Notice soon that dnsmasq or the keeper of a namespace has died."""
        planned = self._plan
        if planned is not None and not applier.all_alive(self._memory, planned):
            LOG.warning("A process of the network of %s has ended; it is replaced", self.host)
            self.look_again()

    # --- inside the lock ----------------------------------------------------------------------

    def _ask(self, context: RequestContext) -> None:
        since = self._known.generation if self._known is not None else None
        answer = self._clients.conductor.get_host_networks(
            context,
            host=self.host,
            since=since,
            tunnel_address=self._settings.tunnel_address,
            physical_networks=sorted(self._settings.physical),
        )
        if answer is not None:
            self._known = answer
            self._memory.keep_known(answer)

    def _make(self, known: HostNetworks) -> None:
        began = clock.monotonic()
        numbers = self._memory.numbers(known, room(self._settings.transit), PORTS)
        planned = plan(known, self._settings, numbers)
        self._tell({*planned.refused.values(), *planned.problems})
        try:
            self._problems = self._applier.apply(planned)
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise errors.HostNetworkUnavailable(reason=f"host {self.host}: {reason}") from error
        self._impossible = dict(planned.refused)
        self._problems |= self._impossible
        self._plan = planned
        self._relay.directory = identity.directory(known)
        self._listen(planned)
        LOG.debug("The network was compared in %.2f s", clock.monotonic() - began)

    def _tell(self, problems: set[str]) -> None:
        """Each of them once, until it is over."""
        for problem in sorted(problems - self._told):
            LOG.error("%s", problem)
        self._told = problems

    def _listen(self, planned: HostPlan) -> None:
        keepers = {}
        for network in planned.networks:
            keeper = processes.keeper(self._memory.network_folder(network.id))
            if keeper is not None and network.id not in self._problems:
                keepers[network.id] = keeper
        for missing, problem in self._relay.keep(keepers, self._memory.folder).items():
            LOG.error("No metadata for guests of network %s: %s", missing, problem)

    def _report(self, context: RequestContext) -> None:
        """Tell the conductor which ports are ready, once for each."""
        known = self._known or HostNetworks(generation=0)
        ready = {
            port.id
            for entry in known.networks
            if entry.network.id not in self._problems
            for port in entry.ports
        }
        new = sorted(ready - self._reported)
        if new:
            self._clients.conductor.network_ports_up(context, host=self.host, port_ids=new)
        self._reported = ready
