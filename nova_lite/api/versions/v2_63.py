# SPDX-License-Identifier: Apache-2.0
"""Certificates that an image's signature must be checked against."""

from nova_lite.api.versions.change import Change, Drop, on, without
from nova_lite.api.versions.servers import WHOLE

CHANGE = Change(
    number=63,
    title="trusted_image_certificates at create/rebuild and in show",
    body={
        "servers.create": without("server", "trusted_image_certificates"),
        "servers.action.rebuild": without("rebuild", "trusted_image_certificates"),
    },
    response=on(WHOLE, Drop("trusted_image_certificates")),
)
