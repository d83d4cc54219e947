# SPDX-License-Identifier: Apache-2.0
"""What was done to a deleted server can be read."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=21,
    title="Instance actions readable for deleted servers",
    behaviours=(Behaviour.ACTIONS_OF_DELETED,),
)
