# SPDX-License-Identifier: Apache-2.0
"""Networks."""

from typing import Any, Final

from nova_lite.api.network import readers
from nova_lite.api.network.attribute import STANDARD, Attribute, Kind, admin_only, flag
from nova_lite.base.policy import ADMIN
from nova_lite.domain.network import NetworkMode
from nova_lite.domain.network_query import NetworkKind


def _complete(values: dict[str, Any]) -> None:
    """What is null is left to the service."""
    for name in ("mode", "physical_network", "segment"):
        if values.get(name, name) is None:
            del values[name]


NETWORK: Final = Kind(
    kind=NetworkKind.NETWORK,
    one="network",
    many="networks",
    path="networks",
    words="network",
    attributes=(
        *STANDARD,
        Attribute(name="admin_state_up", field="admin_state_up", read=readers.flag, match=flag),
        Attribute(
            name="shared",
            field="shared",
            read=readers.flag,
            set_by=ADMIN,
            default=False,
            match=flag,
        ),
        Attribute(
            name="router:external",
            field="external",
            read=readers.flag,
            set_by=ADMIN,
            default=False,
            match=flag,
        ),
        Attribute(
            name="port_security_enabled", field="port_security", read=readers.flag, match=flag
        ),
        Attribute(name="mtu", field="mtu", read=readers.number(68, 65535)),
        Attribute(name="subnets", field="subnets"),
        admin_only(
            "provider:network_type",
            "mode",
            show=lambda network: network.mode.value,
            read=readers.or_none(readers.one_of(*(mode.value for mode in NetworkMode))),
            update=False,
            default=None,
        ),
        admin_only(
            "provider:physical_network",
            "physical_network",
            read=readers.or_none(readers.text(64, least=1)),
            update=False,
            default=None,
        ),
        admin_only(
            "provider:segmentation_id",
            "segment",
            read=readers.or_none(readers.number(1, (1 << 24) - 1)),
            update=False,
            default=None,
        ),
    ),
    fixed={
        "status": "ACTIVE",
        "is_default": False,
        "availability_zone_hints": [],
        "availability_zones": [],
        "ipv4_address_scope": None,
        "ipv6_address_scope": None,
        "qos_policy_id": None,
        "tags": [],
    },
    complete=_complete,
)
