# SPDX-License-Identifier: Apache-2.0
"""Servers of a cell that does not answer are shown as far as they are known."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=69,
    title="Partial records (status UNKNOWN) from cells that are down",
    behaviours=(Behaviour.DOWN_CELLS_ARE_SHOWN,),
)
