# SPDX-License-Identifier: Apache-2.0
"""A status that does not exist is an error, no longer a status that no server has."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=38,
    title="Unknown `status` filter is 400",
    behaviours=(Behaviour.UNKNOWN_STATUS_IS_REFUSED,),
)
