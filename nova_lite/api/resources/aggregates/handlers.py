# SPDX-License-Identifier: Apache-2.0
"""What the calls about host aggregates do."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain import errors
from nova_lite.domain.aggregate import Aggregate


def index(request: Request, clients: Any, target: None, body: None) -> list[Aggregate]:
    """GET /os-aggregates"""
    found: list[Aggregate] = clients.conductor.list_aggregates(request.context)
    return found


def show(request: Request, clients: Any, target: None, body: None) -> Aggregate:
    """GET /os-aggregates/{id}"""
    wanted = request.params["id"]
    if not (wanted.isascii() and wanted.isdecimal()):
        raise errors.Invalid(f"Invalid aggregate id {wanted}")
    for aggregate in index(request, clients, target, body):
        if str(aggregate.id) == str(int(wanted)):
            return aggregate
    raise errors.NotFound(f"Aggregate {wanted} could not be found.")
