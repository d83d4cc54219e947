# SPDX-License-Identifier: Apache-2.0
"""Servers can be made to crash."""

from nova_lite.api.versions.change import Change, named

CHANGE = Change(
    number=17,
    title="Action trigger_crash_dump (NMI)",
    adds=named("servers.action.trigger_crash_dump"),
)
