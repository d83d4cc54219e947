# SPDX-License-Identifier: Apache-2.0
"""Tokens of all consoles can be looked up; before, only those of RDP, which nobody has."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=31,
    title="os-console-auth-tokens works for every console type",
    behaviours=(Behaviour.CONSOLE_TOKENS_OF_ALL_TYPES,),
)
