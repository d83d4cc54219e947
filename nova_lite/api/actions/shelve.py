# SPDX-License-Identifier: Apache-2.0
"""unshelve: to where it was, to a zone, or, for administrators, to a host."""

from typing import Any

from nova_lite.api.actions import policy
from nova_lite.api.request import Request
from nova_lite.api.resources.servers.target import begin
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action


def unshelve(request: Request, clients: Any, target: Instance, body: dict[str, Any]) -> None:
    given = body["unshelve"]
    if given is None or not request.has(Behaviour.UNSHELVED_TO_A_ZONE):
        given = {}
    if "host" in given:
        owner = {"project_id": target.project_id, "user_id": target.user_id}
        request.authorize(policy.UNSHELVE_TO_HOST, owner)
    begin(request, clients, target, Action.UNSHELVE, dict(given))
