# SPDX-License-Identifier: Apache-2.0
"""Flavors lose what had no effect; unknown query keys are refused by every call."""

from typing import Any

from nova_lite.api.versions.change import EVERY, Change, no_params, on, replaced

_RXTX_FACTOR = {
    "type": ["number", "string"],
    "pattern": r"^[0-9]+(\.[0-9]+)?$",
    "minimum": 0,
    "exclusiveMinimum": 0,
    "maximum": 3.40282e38,
}


def _with_rxtx_factor(item: dict[str, Any], flavor: Any, request: Any) -> None:
    item["rxtx_factor"] = flavor.rxtx_factor
    item["OS-FLV-DISABLED:disabled"] = flavor.disabled


CHANGE = Change(
    number=102,
    title=(
        "Flavor list filter `name`; rxtx_factor and OS-FLV-DISABLED gone; unknown query keys "
        "are refused everywhere"
    ),
    strict_query=EVERY,
    body={"flavors.create": replaced("flavor", rxtx_factor=_RXTX_FACTOR)},
    query={"flavors.list": no_params("name"), "flavors.detail": no_params("name")},
    response=on(("flavor.detail",), _with_rxtx_factor),
)
