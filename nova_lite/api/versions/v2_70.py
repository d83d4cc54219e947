# SPDX-License-Identifier: Apache-2.0
"""Interfaces show their tags."""

from nova_lite.api.versions.change import Change, Drop, on

CHANGE = Change(
    number=70,
    title="Device tag in volume and interface attachments",
    response=on(("interface",), Drop("tag")),
)
