# SPDX-License-Identifier: Apache-2.0
"""Key pairs are imported only; their names may hold @ and dots."""

from nova_lite.api.versions.change import Change, optional, replaced, steps

_NAME = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[a-zA-Z0-9\-_ ]+$"}

CHANGE = Change(
    number=92,
    title="Keypair generation removed (public_key required); name may contain @ and .",
    body={
        "keypairs.create": steps(
            optional("keypair", "public_key"),
            replaced("keypair", name=_NAME),
        )
    },
)
