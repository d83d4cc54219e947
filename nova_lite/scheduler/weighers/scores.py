# SPDX-License-Identifier: Apache-2.0
"""From raw scores to one number for each host.

A weigher's scores are brought to 0..1 over all hosts of the request, multiplied, and added up.
While servers of one request are placed, the span of a weigher only widens: a host whose score
stays inside changes its own number alone, and nobody else's.
"""

from collections.abc import Mapping, Sequence

from nova_lite.domain.host import HostState
from nova_lite.domain.request import RequestSpec
from nova_lite.scheduler.plugin import Weigher


class _Column:
    """The scores of one weigher. `multipliers` are those of hosts whose aggregates say so."""

    def __init__(
        self,
        weigher: Weigher,
        multiplier: float,
        multipliers: Mapping[int, float],
        hosts: Sequence[HostState],
        request: RequestSpec,
    ) -> None:
        score = weigher.score
        self.weigher = weigher
        self.multiplier = multiplier
        self.multipliers = multipliers
        self.raw = [score(host, request) for host in hosts]
        self.low = min(self.raw)
        self.high = max(self.raw)

    def add_to(self, totals: list[float]) -> list[float]:
        """The totals with this weigher's part."""
        span = self.high - self.low
        if span <= 0:
            return totals
        low, factor = self.low, self.multiplier / span
        summed = [total + (raw - low) * factor for total, raw in zip(totals, self.raw, strict=True)]
        for index, multiplier in self.multipliers.items():
            summed[index] = totals[index] + (self.raw[index] - low) * multiplier / span
        return summed

    def part(self, index: int) -> float:
        """This weigher's part of one host's total."""
        span = self.high - self.low
        if span <= 0:
            return 0.0
        multiplier = self.multipliers.get(index, self.multiplier)
        return (self.raw[index] - self.low) * (multiplier / span)

    def change(self, index: int, value: float) -> bool:
        """Set one score; True when that widened the span."""
        self.raw[index] = value
        if self.low <= value <= self.high:
            return False
        self.low = min(self.low, value)
        self.high = max(self.high, value)
        return True


class Scores:
    """`totals[i]` is the number of `hosts[i]`: more is better."""

    def __init__(
        self,
        weighers: Sequence[tuple[Weigher, float]],
        hosts: Sequence[HostState],
        request: RequestSpec,
    ) -> None:
        """`weighers`: each with its multiplier."""
        self._hosts = hosts
        self._columns: list[_Column] = []
        if hosts:
            said = multipliers_of_aggregates(hosts, {weigher.option for weigher, _ in weighers})
            for weigher, multiplier in weighers:
                special = said.get(weigher.option, {})
                if (multiplier or special) and weigher.needed(request):
                    column = _Column(weigher, multiplier, special, hosts, request)
                    self._columns.append(column)
        self.totals = self._add_up()

    def _add_up(self) -> list[float]:
        totals = [0.0] * len(self._hosts)
        for column in self._columns:
            totals = column.add_to(totals)
        return totals

    def changed(self, index: int, request: RequestSpec) -> bool:
        """Score one host again; True when that changed the totals of others too."""
        host = self._hosts[index]
        wider = [
            column.change(index, column.weigher.score(host, request)) for column in self._columns
        ]
        if any(wider):
            self.totals = self._add_up()
            return True
        self.totals[index] = sum(column.part(index) for column in self._columns)
        return False


def multipliers_of_aggregates(
    hosts: Sequence[HostState], options: set[str]
) -> dict[str, dict[int, float]]:
    """Option -> index of host -> the multiplier that the metadata of its aggregates gives; the
    lowest of several. What is no number is passed over."""
    found: dict[str, dict[int, float]] = {}
    for index, host in enumerate(hosts):
        for metadata in host.aggregates:
            for key in options.intersection(metadata):
                try:
                    value = float(metadata[key])
                except ValueError:
                    continue
                of_option = found.setdefault(key, {})
                of_option[index] = min(value, of_option.get(index, value))
    return found
