# SPDX-License-Identifier: Apache-2.0
"""Whoever may list servers may look for an IPv6 address."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=5,
    title="ip6 server filter for those who are not admin",
    behaviours=(Behaviour.IP6_FILTER_FOR_ALL,),
)
