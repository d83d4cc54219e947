# SPDX-License-Identifier: Apache-2.0
"""A server that has no host any more can be unshelved to a zone."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, replaced

CHANGE = Change(
    number=77,
    title="unshelve accepts availability_zone (offloaded servers)",
    body={"servers.action.unshelve": replaced("", unshelve={})},
    behaviours=(Behaviour.UNSHELVED_TO_A_ZONE,),
)
