# SPDX-License-Identifier: Apache-2.0
"""The server that a call is about, with the project that the policy is asked about."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.domain.instance import Instance


def load(request: Request, clients: Any) -> Instance:
    """The server of the path. One of another project is not found, unless for an admin."""
    uuid = request.params.get("server_id") or request.params["id"]
    found: Instance = clients.conductor.get_instance(request.context, uuid=uuid)
    return found
