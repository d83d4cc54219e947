# SPDX-License-Identifier: Apache-2.0
"""Resources of the built-in network, from and to the conductor."""

from typing import Any

import msgspec

from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.errors_network import NetworkResourceNotFound
from nova_lite.domain.network_query import STRUCTS, NetworkKind, NetworkQuery

_lists = {kind: msgspec.json.Decoder(list[struct]) for kind, struct in STRUCTS.items()}  # type: ignore[valid-type]
_ones = {kind: msgspec.json.Decoder(struct) for kind, struct in STRUCTS.items()}


def find(conductor: Any, context: RequestContext, query: NetworkQuery) -> list[Any]:
    """What the caller sees of what the query asks for. Raises NetworkMarkerNotFound."""
    text = conductor.list_network_resources(context, query=query)
    return _lists[query.kind].decode(text)


def get(conductor: Any, context: RequestContext, kind: NetworkKind, resource_id: str) -> Any:
    """One resource. Raises NetworkResourceNotFound."""
    query = NetworkQuery(kind=kind, filters={"id": [resource_id]})
    found = find(conductor, context, query)
    if not found:
        raise NetworkResourceNotFound(kind, resource_id)
    return found[0]


def create(
    conductor: Any, context: RequestContext, kind: NetworkKind, values: dict[str, Any]
) -> Any:
    """The new resource."""
    text = conductor.create_network_resource(context, kind=kind, values=values)
    return _ones[kind].decode(text)


def update(
    conductor: Any,
    context: RequestContext,
    kind: NetworkKind,
    resource_id: str,
    values: dict[str, Any],
) -> Any:
    """The resource as it is now; only what `values` has changes."""
    text = conductor.update_network_resource(
        context, kind=kind, resource_id=resource_id, values=values
    )
    return _ones[kind].decode(text)


def delete(conductor: Any, context: RequestContext, kind: NetworkKind, resource_id: str) -> None:
    conductor.delete_network_resource(context, kind=kind, resource_id=resource_id)


def named(conductor: Any, context: RequestContext, kind: NetworkKind, wanted: set[str]) -> Any:
    """Resources by id; those that the caller does not see are left out."""
    if not wanted:
        return {}
    query = NetworkQuery(kind=kind, filters={"id": sorted(wanted)})
    return {each.id: each for each in find(conductor, context, query)}


def require(conf: Any) -> None:
    """Raises Unsupported where there is no built-in network to make something in."""
    if conf.network.backend != "local":
        raise errors.Unsupported(
            "Networks of this cloud are not managed here: [network] backend is "
            f"{conf.network.backend}."
        )
