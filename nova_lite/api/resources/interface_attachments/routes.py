# SPDX-License-Identifier: Apache-2.0
"""The calls about interfaces of servers."""

from collections.abc import Mapping
from typing import Final

from nova_lite.api.resources.interface_attachments import handlers, policy, schema, view
from nova_lite.api.resources.servers.target import load
from nova_lite.api.route import NO_QUERY, Route
from nova_lite.api.view import EMPTY
from nova_lite.domain import errors

_ALL = "/servers/{server_id}/os-interface"
# Here these are things of their own, not parts of a request for a server.
_STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.NetworkNotFound: 404,
    errors.PortNotFound: 404,
    errors.PortInUse: 409,
    errors.FixedIpInUse: 409,
}

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        name="interfaces.list",
        handler=handlers.index,
        policy=policy.LIST,
        query=NO_QUERY,
        target=load,
        view=view.INTERFACES,
        summary="List the interfaces of a server",
    ),
    Route(
        method="POST",
        path=_ALL,
        name="interfaces.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.CREATE,
        target=load,
        view=view.INTERFACE,
        errors=_STATUSES,
        summary="Attach an interface to a server",
    ),
    Route(
        method="GET",
        path=f"{_ALL}/{{id}}",
        name="interfaces.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=NO_QUERY,
        target=load,
        view=view.INTERFACE,
        summary="Show an interface of a server",
    ),
    Route(
        method="DELETE",
        path=f"{_ALL}/{{id}}",
        name="interfaces.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        target=load,
        status=202,
        view=EMPTY,
        summary="Detach an interface from a server",
    ),
)
