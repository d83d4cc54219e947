# SPDX-License-Identifier: Apache-2.0
"""The image of a server comes with its properties."""

from nova_lite.api.versions.change import Change, on
from nova_lite.api.versions.servers import WHOLE, inside

CHANGE = Change(
    number=98,
    title="Embedded image `properties`",
    response=on(WHOLE, inside("image", "properties")),
)
