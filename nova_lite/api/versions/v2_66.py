# SPDX-License-Identifier: Apache-2.0
"""Lists can be bounded from above in time."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, no_params
from nova_lite.api.versions.servers import LISTS

CHANGE = Change(
    number=66,
    title="changes-before for servers, actions, migrations",
    query=dict.fromkeys((*LISTS, "actions.list"), no_params("changes-before")),
    behaviours=(Behaviour.CHANGES_BEFORE,),
)
