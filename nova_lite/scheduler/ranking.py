# SPDX-License-Identifier: Apache-2.0
"""The hosts of one request in order, while servers are placed on them one after the other."""

import heapq
from collections.abc import Generator, Sequence

# (minus the total, tie-breaker, index): the smallest is the best
_Entry = tuple[float, float, int]


class Ranking:
    """Best first. Only what changed is ranked again."""

    def __init__(self, totals: list[float], ties: Sequence[float]) -> None:
        """`ties`: of hosts with the same total, the one with the smallest comes first."""
        self._ties = ties
        self._alive = [True] * len(totals)
        self._left = len(totals)
        self.rebuild(totals)

    def rebuild(self, totals: list[float]) -> None:
        """All totals have changed."""
        self._totals = totals
        self._heap: list[_Entry] = [
            (-total, tie, index)
            for index, (total, tie) in enumerate(zip(totals, self._ties, strict=True))
            if self._alive[index]
        ]
        heapq.heapify(self._heap)

    def __len__(self) -> int:
        return self._left

    def alive(self) -> list[int]:
        """The indexes that are still ranked, in no order."""
        return [index for index, alive in enumerate(self._alive) if alive]

    def remove(self, index: int) -> None:
        if self._alive[index]:
            self._alive[index] = False
            self._left -= 1

    def moved(self, index: int) -> None:
        """The total of one host has changed in place."""
        if self._alive[index]:
            heapq.heappush(self._heap, (-self._totals[index], self._ties[index], index))

    def best(self) -> Generator[int, None, None]:
        """Indexes, best first. Nothing may be changed before the iterator is closed."""
        heap, taken = self._heap, []
        last = -1
        try:
            while heap:
                entry = heapq.heappop(heap)
                index = entry[2]
                # An entry of an earlier total, or of a host that is out: drop it for good.
                if not self._alive[index] or -entry[0] != self._totals[index] or index == last:
                    continue
                last = index
                taken.append(entry)
                yield index
        finally:
            for entry in taken:
                heapq.heappush(heap, entry)
