# SPDX-License-Identifier: Apache-2.0
"""The flows: what happens, from top to bottom."""

from typing import Final

from nova_lite.conductor.flows.build import BUILD
from nova_lite.conductor.flows.delete import DELETE
from nova_lite.conductor.flows.inside import CRASH_DUMP, SET_PASSWORD
from nova_lite.conductor.flows.interfaces import ATTACH_INTERFACE, DETACH_INTERFACE
from nova_lite.conductor.flows.power import POWER
from nova_lite.conductor.flows.rebuild import REBUILD
from nova_lite.conductor.flows.rescue import RESCUE, UNRESCUE
from nova_lite.conductor.flows.shelve import SHELVE, SHELVE_OFFLOAD, UNSHELVE
from nova_lite.conductor.flows.snapshot import CREATE_BACKUP, CREATE_IMAGE
from nova_lite.conductor.run import Flow

FLOWS: Final[dict[str, Flow]] = {
    flow.name: flow
    for flow in (
        *(BUILD, DELETE, POWER, ATTACH_INTERFACE, DETACH_INTERFACE),
        *(SET_PASSWORD, CRASH_DUMP, RESCUE, UNRESCUE, REBUILD),
        *(CREATE_IMAGE, CREATE_BACKUP, SHELVE, SHELVE_OFFLOAD, UNSHELVE),
    )
}
