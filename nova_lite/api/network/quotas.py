# SPDX-License-Identifier: Apache-2.0
"""Limits and usage of projects. Limits are options; they are the same for every project."""

from typing import Any

from msgspec.structs import replace

from nova_lite.api.faults import HttpFault
from nova_lite.api.network.call import Call, Reply
from nova_lite.api.network.policy import GET_QUOTA
from nova_lite.base import policy
from nova_lite.domain import errors
from nova_lite.domain.brief import ECHO, brief


def index(call: Call) -> Reply:
    """GET /v2.0/quotas: projects with limits of their own; there are none."""
    policy.authorize(call.context, GET_QUOTA.name)
    return Reply(200, {"quotas": []})


def show(call: Call) -> Reply:
    """GET /v2.0/quotas/{id}, also as .../{id}/default"""
    found = _of(call)
    return Reply(200, {"quota": {name: each["limit"] for name, each in found.items()}})


def details(call: Call) -> Reply:
    """GET /v2.0/quotas/{id}/details.json"""
    found = _of(call)
    quota = {
        name: {"limit": each["limit"], "used": each["used"], "reserved": 0}
        for name, each in found.items()
    }
    return Reply(200, {"quota": quota})


def forget(call: Call) -> Reply:
    """DELETE /v2.0/quotas/{id}: clients that want the defaults back take 404 for done."""
    policy.authorize(call.context, GET_QUOTA.name, {"project_id": call.id})
    raise HttpFault(404, f"Quota for tenant {brief(call.id, ECHO)} could not be found.")


def change(call: Call) -> Reply:
    """PUT /v2.0/quotas/{id}"""
    raise errors.Unsupported(
        "Limits of the built-in network are the same for every project: they are set in the "
        "option [network] quotas of the conductor."
    )


def own(call: Call) -> Reply:
    """GET /v2.0/quotas/tenant and .../project: whose quota is meant."""
    project = call.context.project_id
    return Reply(200, {"tenant": {"tenant_id": project}})


def _of(call: Call) -> dict[str, Any]:
    policy.authorize(call.context, GET_QUOTA.name, {"project_id": call.id})
    context = replace(call.context, project_id=call.id)
    found: dict[str, Any] = call.conductor.network_quota(context)
    return found
