# SPDX-License-Identifier: Apache-2.0
"""Services as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.services.handlers import Updated
from nova_lite.api.times import plain
from nova_lite.api.view import Collection, Item, Make, closed
from nova_lite.domain.host import Service

_TEXT = {"type": "string"}
SCHEMA = closed(
    {
        "id": {"type": "string", "format": "uuid"},
        "binary": _TEXT,
        "host": _TEXT,
        "zone": _TEXT,
        "status": {"type": "string", "enum": ["enabled", "disabled", "UNKNOWN"]},
        "state": {"type": "string", "enum": ["up", "down"]},
        "updated_at": {"type": ["string", "null"]},
        "disabled_reason": {"type": ["string", "null"]},
        "forced_down": {"type": "boolean"},
    }
)


def shown(service: Service) -> dict[str, Any]:
    return {
        "id": service.uuid,
        "binary": service.binary,
        "host": service.host,
        "zone": service.zone,
        "status": "disabled" if service.disabled else "enabled",
        "state": "up" if service.up else "down",
        "updated_at": plain(service.last_seen_up or service.updated_at),
        "disabled_reason": service.disabled_reason,
        "forced_down": service.forced_down,
    }


def _listed(request: Request) -> Make:
    return shown


def _updated(request: Request) -> Make:
    def make(updated: Updated) -> dict[str, Any]:
        return shown(updated.service)

    return make


SERVICES = Collection(key="services", shape="service", build=_listed, of=SCHEMA)
UPDATED = Item(key="service", shape="service.updated", build=_updated, of=SCHEMA)
