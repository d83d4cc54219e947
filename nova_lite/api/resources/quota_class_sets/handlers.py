# SPDX-License-Identifier: Apache-2.0
"""What the calls about the default quota do."""

from typing import Any, NamedTuple

from nova_lite.api.request import Request
from nova_lite.domain.quota import NETWORK


class QuotaClass(NamedTuple):
    """`shows_id`: what is read shows its name, what was written does not."""

    name: str
    limits: dict[str, int]
    shows_id: bool


def show(request: Request, clients: Any, target: None, body: None) -> QuotaClass:
    """GET /os-quota-class-sets/{id}"""
    name = request.params["id"]
    return QuotaClass(name, clients.conductor.get_quota_class(request.context, name=name), True)


def update(request: Request, clients: Any, target: None, body: Any) -> QuotaClass:
    """PUT /os-quota-class-sets/{id}"""
    name = request.params["id"]
    wish = body["quota_class_set"]
    limits = {word: int(value) for word, value in wish.items() if word not in NETWORK}
    done = clients.conductor.set_quota_class(request.context, name=name, limits=limits)
    return QuotaClass(name, done, False)
