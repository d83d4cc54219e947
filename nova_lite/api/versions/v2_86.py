# SPDX-License-Identifier: Apache-2.0
"""Extra specs in known namespaces are checked."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=86,
    title="Known extra spec namespaces validated",
    behaviours=(Behaviour.EXTRA_SPECS_ARE_CHECKED,),
)
