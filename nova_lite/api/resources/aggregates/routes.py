# SPDX-License-Identifier: Apache-2.0
"""The calls about host aggregates."""

from collections.abc import Mapping
from typing import Final

from nova_lite.api.resources.aggregates import handlers, policy, schema, view
from nova_lite.api.route import Handler, JsonSchema, Route
from nova_lite.api.view import EMPTY
from nova_lite.domain import errors

# Refused because of what is there; as a change of the aggregate itself that is a bad request.
_BAD: Final[Mapping[type[Exception], int]] = {errors.InvalidAggregateAction: 400}
# What the path names is missing: 404. What the body names: 400.
_BAD_IMAGE: Final[Mapping[type[Exception], int]] = {errors.ImageNotFound: 400}


def _action(key: str, handler: Handler, rule: str, body: JsonSchema, *, bad: bool = False) -> Route:
    return Route(
        method="POST",
        path="/os-aggregates/{id}/action",
        name=f"aggregates.action.{key}",
        action=key,
        handler=handler,
        policy=rule,
        body=body,
        view=view.AGGREGATE,
        errors=_BAD if bad else {},
        summary=f"Action {key}",
    )


ROUTES = (
    Route(
        method="GET",
        path="/os-aggregates",
        name="aggregates.list",
        handler=handlers.index,
        policy=policy.INDEX,
        query=schema.LIST,
        view=view.AGGREGATES,
        summary="List host aggregates",
    ),
    Route(
        method="GET",
        path="/os-aggregates/{id}",
        name="aggregates.show",
        handler=handlers.show,
        policy=policy.SHOW,
        query=schema.SHOW,
        view=view.AGGREGATE,
        summary="Show a host aggregate",
    ),
    Route(
        method="POST",
        path="/os-aggregates",
        name="aggregates.create",
        handler=handlers.create,
        policy=policy.CREATE,
        body=schema.CREATE,
        view=view.CREATED,
        summary="Create a host aggregate",
    ),
    Route(
        method="PUT",
        path="/os-aggregates/{id}",
        name="aggregates.update",
        handler=handlers.update,
        policy=policy.UPDATE,
        body=schema.UPDATE,
        view=view.AGGREGATE,
        errors=_BAD,
        summary="Change name and zone of a host aggregate",
    ),
    Route(
        method="DELETE",
        path="/os-aggregates/{id}",
        name="aggregates.delete",
        handler=handlers.delete,
        policy=policy.DELETE,
        view=EMPTY,
        errors=_BAD,
        summary="Delete a host aggregate that has no hosts",
    ),
    _action("add_host", handlers.add_host, policy.ADD_HOST, schema.ADD_HOST),
    _action("remove_host", handlers.remove_host, policy.REMOVE_HOST, schema.REMOVE_HOST),
    _action(
        "set_metadata", handlers.set_metadata, policy.SET_METADATA, schema.SET_METADATA, bad=True
    ),
    Route(
        method="POST",
        path="/os-aggregates/{id}/images",
        name="aggregates.images",
        handler=handlers.cache_images,
        policy=policy.IMAGES,
        body=schema.IMAGES,
        view=EMPTY,
        status=202,
        errors=_BAD_IMAGE,
        summary="Have the hosts of an aggregate fetch images ahead of use",
    ),
)
