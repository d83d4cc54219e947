# SPDX-License-Identifier: Apache-2.0
"""More ways to filter servers for those who are not admin."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=83,
    title="More server filters for all (zone, key_name, states, dates, user_id, ...)",
    behaviours=(Behaviour.MORE_FILTERS_FOR_ALL,),
)
