# SPDX-License-Identifier: Apache-2.0
"""Extra specs stand inside flavors, for those who may see them."""

from nova_lite.api.versions.change import Change, Drop, on

CHANGE = Change(
    number=61,
    title="Flavor extra_specs inside flavor (by policy)",
    response=on(("flavor.detail",), Drop("extra_specs")),
)
