# SPDX-License-Identifier: Apache-2.0
"""Everybody may see them; the name is there for policy files that have it."""

from nova_lite.base.policy import ANY, Rule

ALL = "os_compute_api:extensions"

RULES = (
    Rule(
        ALL,
        ANY,
        "List extensions, and show one.",
        (("GET", "/extensions"), ("GET", "/extensions/{alias}")),
    ),
)
