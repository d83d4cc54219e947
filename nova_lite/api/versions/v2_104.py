# SPDX-License-Identifier: Apache-2.0
"""The binding to an availability zone can be changed."""

from nova_lite.api.versions.change import Change, without

CHANGE = Change(
    number=104,
    title="PUT server pinned_availability_zone: null unpins, the current zone pins again",
    body={"servers.update": without("server", "pinned_availability_zone")},
)
