# SPDX-License-Identifier: Apache-2.0
"""The hosts of an aggregate fetch images ahead of use."""

from nova_lite.api.versions.change import Change, named

CHANGE = Change(
    number=81,
    title="POST os-aggregates/{id}/images image pre-cache",
    adds=named("aggregates.images"),
)
