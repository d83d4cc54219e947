# SPDX-License-Identifier: Apache-2.0
"""How a server is shown to people."""

from typing import Any

import pytest

from nova_lite.cli.commands.server import flat

FAULT = {"code": 500, "message": "The last of 2 hosts failed: no room"}


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        (FAULT, {"fault": FAULT["message"]}),
        (
            {**FAULT, "details": "node1: no room\nnode2: no room"},
            {"fault": FAULT["message"], "fault_details": "node1: no room\nnode2: no room"},
        ),
    ],
    ids=["user", "administrator"],
)
def test_why_it_is_in_error(fault: dict[str, Any], shown: dict[str, Any]) -> None:
    found = flat({"status": "ERROR", "fault": fault})
    assert {key: found[key] for key in found if key.startswith("fault")} == shown
