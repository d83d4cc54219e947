# SPDX-License-Identifier: Apache-2.0
"""What networks looked like in the Compute API."""

from typing import Any, Final

from nova_lite.api.view import closed

_TEXT: Final = {"type": "string"}
_UNKNOWN: Final = {"type": "null"}

# Fields of the network service that Nova once had: these say nothing of today's networks.
FIELDS: Final = (
    "cidr", "netmask", "gateway", "broadcast", "dns1", "dns2", "cidr_v6", "gateway_v6",
    "netmask_v6",
)  # fmt: skip
ADMIN_FIELDS: Final = (
    "created_at", "updated_at", "deleted_at", "deleted", "injected", "bridge", "vlan",
    "vpn_public_address", "vpn_public_port", "vpn_private_address", "dhcp_start", "project_id",
    "host", "bridge_interface", "multi_host", "priority", "rxtx_base", "mtu", "dhcp_server",
    "enable_dhcp", "share_address",
)  # fmt: skip

_ALL: Final[dict[str, Any]] = dict.fromkeys((*FIELDS, *ADMIN_FIELDS), _UNKNOWN)

NETWORK: Final = closed({"id": _TEXT, "label": _TEXT, **_ALL}, optional=ADMIN_FIELDS)
TENANT_NETWORK: Final = closed({"id": _TEXT, "label": _TEXT, "cidr": _TEXT})
