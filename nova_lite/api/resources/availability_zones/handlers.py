# SPDX-License-Identifier: Apache-2.0
"""What the calls about availability zones do."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain.host import AvailabilityZone


def index(request: Request, clients: Any, target: None, body: None) -> list[AvailabilityZone]:
    """GET /os-availability-zone"""
    found: list[AvailabilityZone] = clients.conductor.list_availability_zones(request.context)
    return found


def detail(request: Request, clients: Any, target: None, body: None) -> list[AvailabilityZone]:
    """GET /os-availability-zone/detail"""
    found: list[AvailabilityZone] = clients.conductor.list_availability_zones(
        request.context, detail=True
    )
    return found
