# SPDX-License-Identifier: Apache-2.0
"""Who may see and change flavors."""

from nova_lite.base.policy import READER, Rule

EXTRA_SPECS_INDEX = "os_compute_api:os-flavor-extra-specs:index"

RULES = (
    Rule(
        EXTRA_SPECS_INDEX,
        READER,
        "See extra specs of flavors.",
        (
            ("GET", "/flavors/{flavor_id}/os-extra_specs/"),
            ("POST", "/flavors"),
            ("GET", "/flavors/detail"),
            ("GET", "/flavors/{flavor_id}"),
            ("PUT", "/flavors/{flavor_id}"),
        ),
    ),
)
