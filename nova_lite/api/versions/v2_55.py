# SPDX-License-Identifier: Apache-2.0
"""Flavors get a description, which can be changed."""

from nova_lite.api.versions.change import Change, Drop, named, on

CHANGE = Change(
    number=55,
    title="Flavor description; PUT /flavors/{id}",
    adds=named("flavors.update"),
    response=on(("flavor.summary", "flavor.detail"), Drop("description")),
)
