# SPDX-License-Identifier: Apache-2.0
"""What the driver of a host can do, so that an action is refused before anything starts."""

from typing import Any, Final

from nova_lite.base import clock
from nova_lite.conductor.deps import Deps
from nova_lite.db.cell import compute_nodes
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.states import Action

# action -> the group of virt/driver.py that it needs
GROUPS: Final = {
    Action.PAUSE: "pause",
    Action.UNPAUSE: "pause",
    Action.SUSPEND: "suspend",
    Action.RESUME: "suspend",
    Action.GET_CONSOLE: "consoles",
    Action.ATTACH_INTERFACE: "interfaces",
    Action.DETACH_INTERFACE: "interfaces",
    Action.REBUILD: "rebuild",
    Action.RESCUE: "rescue",
    Action.UNRESCUE: "rescue",
    Action.CREATE_IMAGE: "snapshots",
    Action.CREATE_BACKUP: "snapshots",
    Action.SHELVE: "snapshots",
    Action.CHANGE_PASSWORD: "password",
    Action.TRIGGER_CRASH_DUMP: "crash_dump",
}
AGE: Final = 60.0  # seconds that an answer is remembered: drivers change with their service


class Abilities:
    """Reads the node reports; remembers them for a while."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    def check(self, tx: Tx, host: str, action: Action) -> None:
        """Raises ActionUnsupported when the host reported that it lacks the ability."""
        group = GROUPS.get(action)
        if group is not None and self._of(tx, host).get(group) is False:
            raise errors.ActionUnsupported(action=lifecycle.BY_ACTION[action].verb)

    def _of(self, tx: Tx, host: str) -> dict[str, Any]:
        now = clock.monotonic()
        found = self._known.get(host)
        if found is None or now - found[0] > AGE:
            nodes = compute_nodes.of_host(tx, host)
            found = (now, dict(nodes[0].report.capabilities) if nodes else {})
            self._known[host] = found
        return found[1]
