# SPDX-License-Identifier: Apache-2.0
"""Giving access to a public flavor is refused."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=7,
    title="addTenantAccess on a public flavor is 409",
    behaviours=(Behaviour.NO_ACCESS_TO_PUBLIC_FLAVORS,),
)
