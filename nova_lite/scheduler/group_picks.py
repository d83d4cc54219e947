# SPDX-License-Identifier: Apache-2.0
"""Members of server groups that were placed here a moment ago.

A request says where the members of its group were when it was made. Servers that were asked for
at about the same time are not among them yet; those that this scheduler has placed are added.
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.domain.request import Selected, SelectRequest

KEPT: Final = 30.0  # seconds: by then the records tell of them


class GroupPicks:
    """Not for many threads at a time: the snapshot's lock is held around it."""

    def __init__(self) -> None:
        # group -> server -> (host, when)
        self._picks: dict[str, dict[str, tuple[str, float]]] = {}

    def complete(self, request: SelectRequest) -> SelectRequest:
        """The request with the members that it does not know of."""
        group = request.spec.group
        if group is None:
            return request
        counts = dict(group.members_on)
        placed = self._placed(group.uuid, request.uuids)
        for host in set(placed):
            counts[host] = max(counts.get(host, 0), placed.count(host))
        group = replace(group, members_on=counts)
        return replace(request, spec=replace(request.spec, group=group))

    def note(self, request: SelectRequest, selected: Selected) -> None:
        """Remember what was decided; a server placed again is where it was placed last."""
        group = request.spec.group
        if group is None:
            return
        now = clock.monotonic()
        picks = self._picks.setdefault(group.uuid, {})
        for selection in selected.selections:
            if selection.hosts:
                picks[selection.uuid] = (selection.hosts[0].host, now)
            else:
                picks.pop(selection.uuid, None)

    def others(self, request: SelectRequest) -> list[str]:
        """The members that are added to this request."""
        group = request.spec.group
        picks = self._picks.get(group.uuid, {}) if group is not None else {}
        return [uuid for uuid in picks if uuid not in request.uuids]

    def drop(self, uuids: Iterable[str]) -> None:
        """These servers are gone."""
        for picks in self._picks.values():
            for uuid in uuids:
                picks.pop(uuid, None)

    def _placed(self, group: str, but: Iterable[str]) -> list[str]:
        """The hosts of the members placed lately; what is old is forgotten, in all groups."""
        oldest = clock.monotonic() - KEPT
        for name in list(self._picks):
            young = {u: pick for u, pick in self._picks[name].items() if pick[1] >= oldest}
            if young:
                self._picks[name] = young
            else:
                del self._picks[name]
        own = set(but)
        return [host for uuid, (host, _) in self._picks.get(group, {}).items() if uuid not in own]
