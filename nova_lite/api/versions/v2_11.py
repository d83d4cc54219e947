# SPDX-License-Identifier: Apache-2.0
"""Services can be forced down."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, Drop, without

CHANGE = Change(
    number=11,
    title="forced_down in os-services, PUT os-services/force-down",
    body={"services.update": without("", "forced_down")},
    response={"service": (Drop("forced_down"),)},
    behaviours=(Behaviour.SERVICES_FORCED_DOWN,),
)
