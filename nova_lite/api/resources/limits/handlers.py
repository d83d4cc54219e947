# SPDX-License-Identifier: Apache-2.0
"""What the call about limits does."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.limits import policy
from nova_lite.domain.quota import QuotaSet


def show(request: Request, clients: Any, target: None, body: None) -> QuotaSet:
    """GET /limits"""
    project_id = request.context.project_id
    named = request.param("tenant_id")
    if named and named != project_id:
        request.authorize(policy.OTHER_PROJECT)
        project_id = named
    found: QuotaSet = clients.conductor.get_quota(request.context, project_id=project_id)
    return found
