# SPDX-License-Identifier: Apache-2.0
"""Server groups show whose they are."""

from nova_lite.api.versions.change import Change, Drop, on

CHANGE = Change(
    number=13,
    title="project_id and user_id in server groups",
    response=on(("server_group",), Drop("project_id", "user_id")),
)
