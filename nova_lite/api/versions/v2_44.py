# SPDX-License-Identifier: Apache-2.0
"""Addresses of servers are changed where networks are managed."""

from nova_lite.api.versions.change import Change, named

CHANGE = Change(
    number=44,
    title="add/removeFixedIp, add/removeFloatingIp, os-virtual-interfaces 404",
    ends=named(
        "servers.action.addFixedIp",
        "servers.action.removeFixedIp",
        "servers.action.addFloatingIp",
        "servers.action.removeFloatingIp",
    ),
)
