# SPDX-License-Identifier: Apache-2.0
"""Networks as the Compute API showed them."""

from nova_lite.api.request import Request
from nova_lite.api.resources.networks import schema
from nova_lite.api.view import Collection, Item, Make


def _build(request: Request) -> Make:
    names = schema.FIELDS + (schema.ADMIN_FIELDS if request.context.is_admin else ())
    unknown = dict.fromkeys(names)
    return lambda network: {"id": network.id, "label": network.name, **unknown}


def _build_tenant(request: Request) -> Make:
    return lambda found: {
        "id": found.network.id,
        "label": found.network.name,
        "cidr": str(found.cidr),
    }


NETWORKS = Collection(key="networks", shape="network", build=_build, of=schema.NETWORK)
NETWORK = Item(key="network", shape="network", build=_build, of=schema.NETWORK)
TENANT_NETWORKS = Collection(
    key="networks", shape="tenant_network", build=_build_tenant, of=schema.TENANT_NETWORK
)
TENANT_NETWORK = Item(
    key="network", shape="tenant_network", build=_build_tenant, of=schema.TENANT_NETWORK
)
