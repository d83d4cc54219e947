# SPDX-License-Identifier: Apache-2.0
"""Ports."""

from typing import Final

from nova_lite.api.network import readers
from nova_lite.api.network.attribute import (
    NETWORK_OWNER,
    STANDARD,
    Attribute,
    Kind,
    admin_only,
    flag,
)
from nova_lite.base.policy import ADMIN
from nova_lite.domain.network import Port
from nova_lite.domain.network_query import NetworkKind

_ADDRESS: Final = readers.mapping(
    {
        "subnet_id": ("subnet_id", readers.uuid),
        "ip_address": ("address", readers.address),
    },
    required=(),
    some=True,
)
_PAIR: Final = readers.mapping(
    {
        "ip_address": ("address", readers.range_or_address),
        "mac_address": ("mac", readers.or_none(readers.mac)),
    },
    required=("ip_address",),
)


def _addresses(port: Port) -> list[dict[str, str]]:
    return [{"subnet_id": each.subnet_id, "ip_address": each.address} for each in port.addresses]


def _pairs(port: Port) -> list[dict[str, str]]:
    return [
        {"ip_address": pair.address, "mac_address": pair.mac or port.mac} for pair in port.pairs
    ]


PORT: Final = Kind(
    kind=NetworkKind.PORT,
    one="port",
    many="ports",
    path="ports",
    words="port",
    attributes=(
        *STANDARD,
        Attribute(
            name="network_id",
            field="network_id",
            read=readers.uuid,
            update=False,
            required=True,
        ),
        Attribute(
            name="mac_address",
            field="mac",
            read=readers.mac,
            set_by=NETWORK_OWNER,
            match=str.lower,
        ),
        Attribute(
            name="fixed_ips",
            field="addresses",
            show=_addresses,
            read=readers.list_of(_ADDRESS, 20),
            set_by=NETWORK_OWNER,
            match=None,
        ),
        Attribute(name="device_id", field="device_id", read=readers.text(255)),
        Attribute(name="device_owner", field="device_owner", read=readers.text(255)),
        Attribute(name="admin_state_up", field="admin_state_up", read=readers.flag, match=flag),
        Attribute(name="status", field="status", match=str.upper),
        Attribute(
            name="port_security_enabled",
            field="port_security",
            read=readers.flag,
            set_by=NETWORK_OWNER,
            default=True,
            match=flag,
        ),
        Attribute(
            name="security_groups",
            field="security_groups",
            read=readers.list_of(readers.uuid),
        ),
        Attribute(
            name="allowed_address_pairs",
            field="pairs",
            show=_pairs,
            read=readers.list_of(_PAIR, 64),
            set_by=NETWORK_OWNER,
            default=[],
            match=None,
        ),
        admin_only(
            "binding:host_id",
            "host",
            show=lambda port: port.host or "",
            read=readers.empty_as_none(readers.text(255)),
            default=None,
        ),
        Attribute(
            name="binding:vif_type",
            field="vif_type",
            show=lambda port: "bridge" if port.host else "unbound",
            shown_by=ADMIN,
            match=None,
        ),
        Attribute(
            name="binding:vif_details",
            field="vif_details",
            show=lambda port: {},
            shown_by=ADMIN,
            match=None,
        ),
    ),
    fixed={
        "binding:vnic_type": "normal",
        "binding:profile": {},
        "extra_dhcp_opts": [],
        "qos_policy_id": None,
        "tags": [],
    },
)
