# SPDX-License-Identifier: Apache-2.0
"""The decision: which hosts could take the servers, which are best, and why not the others.

Pure: hosts and a request in, an outcome out. The one thing it changes are the hosts that it was
given, through `consume`: what a server takes is gone when the next one is placed.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import closing

import msgspec

from nova_lite.domain.host import HostState
from nova_lite.domain.request import (
    Pick,
    Reason,
    RequestSpec,
    Selected,
    Selection,
    SelectRequest,
    Verdict,
)
from nova_lite.scheduler.filters import in_order
from nova_lite.scheduler.plugin import Filter, Weigher
from nova_lite.scheduler.ranking import Ranking
from nova_lite.scheduler.settings import Settings
from nova_lite.scheduler.weighers.scores import Scores

# Hosts that the caller has tried already. They come last: what else is wrong with them is the
# better reason.
TRIED = "RetryFilter"
_TRIED = Reason(check=TRIED, text="was tried already, and refused")

Consume = Callable[[HostState, RequestSpec], None]


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """How many hosts a filter was asked about, and how many passed."""

    name: str
    start: int
    end: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered, and what is logged."""

    selected: Selected
    stages: list[Stage]
    left: int


def consume(host: HostState, request: RequestSpec) -> None:
    """Take from the host what one server of the request will use."""
    used = host.used
    for resource, amount in request.resources.items():
        if amount:
            used[resource] = used.get(resource, 0) + amount
    host.instances += 1
    host.io_workload += 1


def _nothing(host: HostState, request: RequestSpec) -> None:
    """A server that is rebuilt has its share of the host already."""


class Pipeline:
    """Filters and weighers, ready to be asked. May be used from many threads."""

    def __init__(
        self,
        filters: Sequence[Filter],
        weighers: Sequence[Weigher],
        settings: Settings,
        rng: random.Random | None = None,
    ) -> None:
        self._filters = in_order(list(filters))
        self._settings = settings
        self._weighers = [
            (one, settings.multipliers.get(one.option, one.default_weight)) for one in weighers
        ]
        self._rng = rng or random.Random()

    def select(
        self, hosts: Sequence[HostState], request: SelectRequest, consume: Consume = consume
    ) -> Outcome:
        """A host for each uuid of the request, with alternates of the same cell."""
        spec = _own_group(request.spec)
        refusals = _Refusals(self._settings.max_verdicts)
        filters = self._filters_for(spec, request.rebuild)
        if request.rebuild:
            consume = _nothing
        feasible, stages = _feasible(hosts, spec, filters, request.refused, refusals)
        placing = _Placing(self, feasible, spec, filters, refusals, consume, request.alternates)
        selections = [
            Selection(uuid=uuid, hosts=placing.next(last=at == len(request.uuids)))
            for at, uuid in enumerate(request.uuids, 1)
        ]
        return Outcome(
            selected=Selected(
                selections=selections,
                verdicts=refusals.verdicts(),
                counts=refusals.counts,
                considered=len(hosts),
            ),
            stages=stages,
            left=placing.left,
        )

    def _filters_for(self, spec: RequestSpec, rebuild: bool) -> list[Filter]:
        if rebuild:
            return [one for one in self._filters if one.rebuilds and one.needed(spec)]
        forced = bool(spec.forced_host or spec.forced_node)
        return [one for one in self._filters if (one.forced or not forced) and one.needed(spec)]

    def scores(self, hosts: Sequence[HostState], spec: RequestSpec) -> Scores:
        return Scores(self._weighers, hosts, spec)

    def ties(self, size: int) -> Sequence[float]:
        """What decides between equals: their place in the snapshot, or chance."""
        if not self._settings.shuffle_best_same_weighed_hosts:
            return range(size)
        return [self._rng.random() for _ in range(size)]

    def choose(self, count: int) -> int:
        """The place, among the `count` best, of the one to take."""
        subset = min(count, self._settings.host_subset_size)
        return self._rng.randrange(subset) if subset > 1 else 0

    @property
    def subset(self) -> int:
        return max(1, self._settings.host_subset_size)


def _own_group(spec: RequestSpec) -> RequestSpec:
    """The request with member counts of its own, which grow with every server placed."""
    if spec.group is None:
        return spec
    counts = dict(spec.group.members_on)
    return msgspec.structs.replace(
        spec, group=msgspec.structs.replace(spec.group, members_on=counts)
    )


def _feasible(
    hosts: Sequence[HostState],
    spec: RequestSpec,
    filters: Sequence[Filter],
    refused: Sequence[str],
    refusals: "_Refusals",
) -> tuple[list[HostState], list[Stage]]:
    """The hosts that pass everything, in the order given."""
    remaining: Sequence[HostState] = hosts
    stages = []
    for one in filters:
        start = len(remaining)
        remaining = _passing(remaining, spec, one, refusals)
        stages.append(Stage(name=one.name, start=start, end=len(remaining)))
        if not remaining:
            break
    if refused and remaining:
        start = len(remaining)
        remaining = _untried(remaining, frozenset(refused), refusals)
        stages.append(Stage(name=TRIED, start=start, end=len(remaining)))
    return list(remaining), stages


def _passing(
    hosts: Sequence[HostState], spec: RequestSpec, one: Filter, refusals: "_Refusals"
) -> list[HostState]:
    check = one.check
    passed: list[HostState] = []
    keep = passed.append
    refuse = refusals.add
    for host in hosts:
        reason = check(host, spec)
        if reason is None:
            keep(host)
        else:
            refuse(host, reason)
    return passed


def _untried(
    hosts: Sequence[HostState], tried: frozenset[str], refusals: "_Refusals"
) -> list[HostState]:
    for host in hosts:
        if host.host in tried:
            refusals.add(host, _TRIED)
    return [host for host in hosts if host.host not in tried]


class _Refusals:
    """Counts for all refused hosts, details for the first ones of each check."""

    def __init__(self, limit: int) -> None:
        self.counts: dict[str, int] = {}
        self._limit = limit
        self._details: dict[str, list[tuple[HostState, Reason]]] = {}

    def add(self, host: HostState, reason: Reason) -> None:
        check = reason.check
        count = self.counts.get(check, 0)
        self.counts[check] = count + 1
        if count < self._limit:
            self._details.setdefault(check, []).append((host, reason))

    def verdicts(self) -> list[Verdict]:
        """At most `limit`, and as many of each check as that allows."""
        chosen: list[tuple[HostState, Reason]] = []
        lists = list(self._details.values())
        depth = 0
        while len(chosen) < self._limit and any(depth < len(one) for one in lists):
            chosen += [one[depth] for one in lists if depth < len(one)]
            depth += 1
        return [
            Verdict(host=host.host, node=host.node, reason=reason)
            for host, reason in chosen[: self._limit]
        ]


class _Placing:
    """One request at work: takes the best host, lets it be consumed, and looks again."""

    def __init__(
        self,
        pipeline: Pipeline,
        hosts: list[HostState],
        spec: RequestSpec,
        filters: Sequence[Filter],
        refusals: _Refusals,
        consume: Consume,
        alternates: int,
    ) -> None:
        self._pipeline = pipeline
        self._hosts = hosts
        self._spec = spec
        self._filters = filters
        self._shared = [one for one in filters if one.shared]
        self._refusals = refusals
        self._consume = consume
        self._alternates = alternates
        self._scores = pipeline.scores(hosts, spec)
        self._ranking = Ranking(self._scores.totals, pipeline.ties(len(hosts)))

    @property
    def left(self) -> int:
        """Hosts that nothing has refused so far."""
        return len(self._ranking)

    def next(self, *, last: bool) -> list[Pick]:
        """Hosts for the next server, best first; the first of them has been consumed."""
        if not len(self._ranking):
            return []
        indexes = self._choose()
        picks = [self._pick(index) for index in indexes]
        taken = indexes[0]
        self._consume(self._hosts[taken], self._spec)
        group = self._spec.group
        if group is not None:
            name = self._hosts[taken].host
            group.members_on[name] = group.members_on.get(name, 0) + 1
        if not last:
            self._look_again(taken)
        return picks

    def _choose(self) -> list[int]:
        """The index of the host to take, then those of its alternates."""
        subset = self._pipeline.subset
        with closing(self._ranking.best()) as ranked:
            seen = []
            for index in ranked:
                seen.append(index)
                if len(seen) == subset:
                    break
            taken = seen[self._pipeline.choose(len(seen))]
            cell = self._hosts[taken].cell
            chosen = [taken]
            chosen += [i for i in seen if i != taken and self._hosts[i].cell == cell]
            while len(chosen) <= self._alternates:
                index = next(ranked, -1)
                if index < 0:
                    break
                if self._hosts[index].cell == cell:
                    chosen.append(index)
        return chosen[: self._alternates + 1]

    def _pick(self, index: int) -> Pick:
        host = self._hosts[index]
        return Pick(
            host=host.host,
            node=host.node,
            node_uuid=host.node_uuid,
            cell=host.cell,
            weight=self._scores.totals[index],
            zone=host.zone,
        )

    def _look_again(self, taken: int) -> None:
        """What the last pick changed: its own host, and, for shared filters, all others."""
        spec = self._spec
        if self._out(taken, self._filters):
            self._ranking.remove(taken)
        for one in self._shared:
            for index in self._ranking.alive():
                if index != taken and self._out(index, (one,)):
                    self._ranking.remove(index)
        if self._scores.changed(taken, spec):
            self._ranking.rebuild(self._scores.totals)
        else:
            self._ranking.moved(taken)

    def _out(self, index: int, filters: Sequence[Filter]) -> bool:
        host = self._hosts[index]
        for one in filters:
            reason = one.check(host, self._spec)
            if reason is not None:
                self._refusals.add(host, reason)
                return True
        return False
