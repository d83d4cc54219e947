# SPDX-License-Identifier: Apache-2.0
"""The processor of a hypervisor is an object, no longer JSON in a string."""

import json
from typing import Any

from nova_lite.api.versions.change import Change


def _as_text(item: dict[str, Any], source: Any, request: Any) -> None:
    item["cpu_info"] = json.dumps(item["cpu_info"])


CHANGE = Change(
    number=28,
    title="Hypervisor cpu_info is an object instead of a JSON string",
    response={"hypervisor.detail": (_as_text,)},
)
