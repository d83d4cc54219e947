# SPDX-License-Identifier: Apache-2.0
"""The calls about key pairs."""

from nova_lite.api.resources.keypairs import handlers, policy, schema, view
from nova_lite.api.route import Route
from nova_lite.api.view import EMPTY

ROUTES = (
    Route(
        method="GET",
        path="/os-keypairs",
        name="keypairs.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=schema.LIST,
        view=view.SUMMARIES,
        summary="List key pairs",
    ),
    Route(
        method="POST",
        path="/os-keypairs",
        name="keypairs.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.CREATE,
        status=201,
        view=view.CREATED,
        summary="Import a public key",
    ),
    Route(
        method="GET",
        path="/os-keypairs/{id}",
        name="keypairs.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=schema.OF_USER,
        view=view.DETAIL,
        summary="Show a key pair",
    ),
    Route(
        method="DELETE",
        path="/os-keypairs/{id}",
        name="keypairs.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        query=schema.OF_USER,
        status=204,
        view=EMPTY,
        summary="Delete a key pair",
    ),
)
