# SPDX-License-Identifier: Apache-2.0
"""Strict input everywhere it was not yet, and full answers where they were not yet."""

from typing import Any

from nova_lite.api.versions.change import Change, named, on


def _swap_as_text(item: dict[str, Any], flavor: Any, request: Any) -> None:
    if item["swap"] == 0:
        item["swap"] = ""


CHANGE = Change(
    number=75,
    title=(
        "Unknown query and body keys are refused; PUT and rebuild return the full server; "
        'flavor swap is 0, not ""'
    ),
    strict_query=named("flavors.list", "flavors.detail"),
    response=on(("flavor.detail",), _swap_as_text),
)
