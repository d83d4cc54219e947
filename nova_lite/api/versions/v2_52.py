# SPDX-License-Identifier: Apache-2.0
"""Servers can be tagged when they are created."""

from nova_lite.api.versions.change import Change, without

CHANGE = Change(
    number=52,
    title="`tags` at server create",
    body={"servers.create": without("server", "tags")},
)
