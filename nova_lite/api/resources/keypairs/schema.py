# SPDX-License-Identifier: Apache-2.0
"""What requests about key pairs look like, at the newest microversion."""

from nova_lite.api import shapes

USER_ID = {"type": "string", "minLength": 1, "maxLength": 255}
NAME = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[a-zA-Z0-9\-_@. ]+$"}

LIST = shapes.query(limit=shapes.LIMIT, marker=shapes.MARKER, user_id=shapes.many(shapes.TEXT))
OF_USER = shapes.query(user_id=shapes.many(shapes.TEXT))
CREATE = shapes.body(
    "keypair",
    {
        "name": NAME,
        "type": {"type": "string", "enum": ["ssh", "x509"]},
        "public_key": {"type": "string"},
        "user_id": USER_ID,
    },
    "name",
    "public_key",
)
