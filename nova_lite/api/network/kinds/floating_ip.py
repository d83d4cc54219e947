# SPDX-License-Identifier: Apache-2.0
"""Floating addresses."""

from typing import Final

from nova_lite.api.network import readers
from nova_lite.api.network.attribute import (
    CREATED,
    DESCRIPTION,
    ID,
    PROJECT,
    REVISION,
    UPDATED,
    Attribute,
    Kind,
)
from nova_lite.base.policy import ADMIN
from nova_lite.domain.network_query import NetworkKind

FLOATING_IP: Final = Kind(
    kind=NetworkKind.FLOATING_IP,
    one="floatingip",
    many="floatingips",
    path="floatingips",
    words="floating IP",
    attributes=(
        ID,
        PROJECT,
        DESCRIPTION,
        CREATED,
        UPDATED,
        REVISION,
        Attribute(
            name="floating_network_id",
            field="network_id",
            read=readers.uuid,
            update=False,
            required=True,
        ),
        Attribute(
            name="floating_ip_address",
            field="address",
            read=readers.or_none(readers.address),
            update=False,
            set_by=ADMIN,
            default=None,
        ),
        Attribute(
            name="subnet_id",
            field="subnet_id",
            hidden=True,
            read=readers.or_none(readers.uuid),
            update=False,
            match=None,
        ),
        Attribute(name="port_id", field="port_id", read=readers.or_none(readers.uuid)),
        Attribute(
            name="fixed_ip_address",
            field="fixed_address",
            read=readers.or_none(readers.address),
        ),
        Attribute(name="status", field="status", match=str.upper),
    ),
    fixed={"router_id": None, "qos_policy_id": None, "tags": []},
)
