# SPDX-License-Identifier: Apache-2.0
"""Flavors get a description, which can be changed."""

from nova_lite.api.versions.change import Change, Drop, named, on, without

CHANGE = Change(
    number=55,
    title="Flavor description; PUT /flavors/{id}",
    adds=named("flavors.update"),
    body={"flavors.create": without("flavor", "description")},
    response=on(("flavor.summary", "flavor.detail"), Drop("description")),
)
