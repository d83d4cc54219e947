# SPDX-License-Identifier: Apache-2.0
"""What requests about quota look like, at the newest microversion."""

from typing import Final

from nova_lite.api import shapes

LIMIT = {
    "type": ["integer", "string"],
    "pattern": "^-?[0-9]+$",
    "minimum": -1,
    "maximum": shapes.MAX_INT,
}

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
INJECTED: Final = ("injected_files", "injected_file_content_bytes", "injected_file_path_bytes")
# of the network service that Nova once had: shown with these values, kept by nobody
NETWORK: Final[dict[str, int]] = {
    "fixed_ips": -1,
    "floating_ips": 10,
    "security_groups": 10,
    "security_group_rules": 20,
}

OF_USER = shapes.query(user_id=shapes.many(shapes.TEXT))
UPDATE = shapes.body("quota_set", {**dict.fromkeys(NAMES, LIMIT), "force": shapes.BOOLEAN})
