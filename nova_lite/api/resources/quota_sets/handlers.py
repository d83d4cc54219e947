# SPDX-License-Identifier: Apache-2.0
"""What the calls about quota do."""

from typing import Any, NamedTuple

from nova_lite.api.request import Request
from nova_lite.api.shapes import truth
from nova_lite.domain.quota import NETWORK, QuotaSet


class Project(NamedTuple):
    """The project of the path, for the policy."""

    project_id: str
    user_id: str


class Defaults(NamedTuple):
    """The default limits, shown for a project."""

    project_id: str
    limits: dict[str, int]


def project(request: Request, clients: Any) -> Project:
    return Project(request.params["id"], request.context.user_id or "")


def show(request: Request, clients: Any, target: Project, body: None) -> QuotaSet:
    """GET /os-quota-sets/{id}, GET /os-quota-sets/{id}/detail"""
    found: QuotaSet = clients.conductor.get_quota(
        request.context, project_id=target.project_id, user_id=request.param("user_id")
    )
    return found


def defaults(request: Request, clients: Any, target: Project, body: None) -> Defaults:
    """GET /os-quota-sets/{id}/defaults"""
    limits = clients.conductor.get_quota_defaults(request.context)
    return Defaults(target.project_id, limits)


def update(request: Request, clients: Any, target: Project, body: Any) -> QuotaSet:
    """PUT /os-quota-sets/{id}"""
    wish = dict(body["quota_set"])
    force = truth(wish.pop("force", False))
    # a limit of what the network service counts is taken and has no effect, as in Nova
    limits = {name: int(value) for name, value in wish.items() if name not in NETWORK}
    done: QuotaSet = clients.conductor.set_quota(
        request.context,
        project_id=target.project_id,
        user_id=request.param("user_id"),
        limits=limits,
        force=force,
    )
    return done


def delete(request: Request, clients: Any, target: Project, body: None) -> None:
    """DELETE /os-quota-sets/{id}"""
    clients.conductor.delete_quota(
        request.context, project_id=target.project_id, user_id=request.param("user_id")
    )
