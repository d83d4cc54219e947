# SPDX-License-Identifier: Apache-2.0
"""Availability zones as the newest microversion shows them."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.times import plain
from nova_lite.api.view import Collection, Make, closed
from nova_lite.domain.host import AvailabilityZone, Service

_SERVICE = closed(
    {
        "available": {"type": "boolean"},
        "active": {"type": "boolean"},
        "updated_at": {"type": ["string", "null"]},
    }
)
_BINARIES = {"type": "object", "additionalProperties": _SERVICE}
_ZONE = {"zoneName": {"type": "string"}, "zoneState": closed({"available": {"type": "boolean"}})}

SUMMARY_SCHEMA = closed({**_ZONE, "hosts": {"type": "null"}})
DETAIL_SCHEMA = closed(
    {**_ZONE, "hosts": {"type": ["object", "null"], "additionalProperties": _BINARIES}}
)


def _state(service: Service) -> dict[str, Any]:
    return {
        "available": service.up,
        "active": not service.disabled,
        "updated_at": plain(service.last_seen_up or service.updated_at),
    }


def _zone(zone: AvailabilityZone, hosts: Any) -> dict[str, Any]:
    return {"zoneName": zone.name, "zoneState": {"available": zone.available}, "hosts": hosts}


def _summary(request: Request) -> Make:
    return lambda zone: _zone(zone, None)


def _detail(request: Request) -> Make:
    def make(zone: AvailabilityZone) -> dict[str, Any]:
        hosts = {
            host: {binary: _state(service) for binary, service in services.items()}
            for host, services in (zone.hosts or {}).items()
        }
        return _zone(zone, hosts)

    return make


KEY = "availabilityZoneInfo"
ZONES = Collection(key=KEY, shape="zone", build=_summary, of=SUMMARY_SCHEMA)
DETAILS = Collection(key=KEY, shape="zone", build=_detail, of=DETAIL_SCHEMA)
