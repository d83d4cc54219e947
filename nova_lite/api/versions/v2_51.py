# SPDX-License-Identifier: Apache-2.0
"""Whoever may read an action may read its events; tracebacks stay with operators."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=51,
    title="Event volume-extended; action events visible to all without traceback",
    behaviours=(Behaviour.EVENTS_FOR_ALL,),
)
