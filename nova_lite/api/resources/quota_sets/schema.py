# SPDX-License-Identifier: Apache-2.0
"""What requests about quota look like, at the newest microversion."""

from typing import Final

from nova_lite.api import shapes

# what the newest microversion knows; older ones know more (versions/)
NAMES: Final = (
    "instances",
    "cores",
    "ram",
    "metadata_items",
    "key_pairs",
    "server_groups",
    "server_group_members",
)

OF_USER = shapes.query(user_id=shapes.many(shapes.TEXT))
UPDATE = shapes.body("quota_set", {**dict.fromkeys(NAMES, shapes.QUOTA), "force": shapes.BOOLEAN})
