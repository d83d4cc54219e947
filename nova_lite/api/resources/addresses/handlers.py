# SPDX-License-Identifier: Apache-2.0
"""What the calls about addresses of servers do."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain import errors
from nova_lite.domain.devices import Vif
from nova_lite.domain.instance import Instance


def index(request: Request, clients: Any, target: Instance, body: None) -> list[Vif]:
    """GET /servers/{server_id}/ips"""
    return target.vifs


def show(request: Request, clients: Any, target: Instance, body: None) -> list[Vif]:
    """GET /servers/{server_id}/ips/{id}: `id` is the network's name."""
    label = request.params["id"]
    found = [vif for vif in target.vifs if vif.label == label]
    if not found:
        raise errors.NotFound("Instance is not a member of specified network")
    return found
