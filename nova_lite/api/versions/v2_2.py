# SPDX-License-Identifier: Apache-2.0
"""Key pairs get a type, and their calls the statuses that fit."""

from typing import Any

from nova_lite.api.versions.change import Change, Drop, without


def _without_type(item: dict[str, Any], source: Any, request: Any) -> None:
    del item["keypair"]["type"]


CHANGE = Change(
    number=2,
    title="Keypair type ssh/x509; keypair create 201 instead of 200; delete 204 instead of 202",
    body={"keypairs.create": without("keypair", "type")},
    status={"keypairs.create": 200, "keypairs.delete": 202},
    response={"keypair.summary": (_without_type,), "keypair.detail": (Drop("type"),)},
)
