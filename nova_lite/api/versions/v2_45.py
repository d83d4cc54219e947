# SPDX-License-Identifier: Apache-2.0
"""Who makes an image of a server finds its id in the body."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change

CHANGE = Change(
    number=45,
    title="createImage/createBackup return {'image_id'} instead of Location",
    behaviours=(Behaviour.IMAGE_ID_IN_BODY,),
)
