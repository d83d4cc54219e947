# SPDX-License-Identifier: Apache-2.0
"""Rows of the built-in network in memory, as the conductor's methods give them: for tests of
what the API itself does with requests and answers. What is allowed in networks (addresses,
uses, quota) is not known here; tests of that run over the conductor."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

import msgspec
from msgspec.structs import replace

from nova_lite.base import ids
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.errors_network import (
    NetworkConflict,
    NetworkMarkerNotFound,
    NetworkResourceNotFound,
)
from nova_lite.domain.network_query import STRUCTS, NetworkKind, NetworkQuery

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Rows:
    """`conductor` of a Clients object. `calls` keeps the names of what was called."""

    def __init__(self) -> None:
        self.kept: dict[NetworkKind, dict[str, Any]] = {kind: {} for kind in NetworkKind}
        self.calls: list[tuple[str, Any]] = []
        self._numbers = count(1)

    def list_network_resources(self, context: RequestContext, *, query: NetworkQuery) -> bytes:
        self.calls.append(("list", query))
        found = [
            each
            for each in self.kept[query.kind].values()
            if _visible(context, each) and all(_fits(each, *one) for one in query.filters.items())
        ]
        for field, down in reversed(query.sort or [("id", False)]):
            found.sort(key=lambda each, field=field: str(getattr(each, field)), reverse=down)
        if query.marker is not None:
            places = [i for i, each in enumerate(found) if each.id == query.marker]
            if not places:
                raise NetworkMarkerNotFound(query.marker)
            found = found[places[0] + 1 :]
        return msgspec.json.encode(found[: query.limit])

    def create_network_resource(
        self, context: RequestContext, *, kind: NetworkKind, values: dict[str, Any]
    ) -> bytes:
        self.calls.append(("create", values))
        if values.get("name") == "refused":
            raise NetworkConflict("OverQuota", "Quota exceeded for resources: ['network'].")
        more = {"mac": "fa:16:3e:00:00:01"} if kind is NetworkKind.PORT else {}
        if kind is NetworkKind.FLOATING_IP:
            more["address"] = f"192.0.2.{next(self._numbers)}"
        for each in values.get("addresses", ()):
            each.setdefault("address", "10.0.0.2")
            each.setdefault("subnet_id", "s")
        document = {
            "id": ids.new_uuid(),
            "project_id": context.project_id,
            "created_at": NOW,
            **more,
            **values,
        }
        made = msgspec.convert(msgspec.to_builtins(document), STRUCTS[kind])
        self.kept[kind][made.id] = made
        return msgspec.json.encode(made)

    def update_network_resource(
        self,
        context: RequestContext,
        *,
        kind: NetworkKind,
        resource_id: str,
        values: dict[str, Any],
    ) -> bytes:
        self.calls.append(("update", values))
        before = self._get(context, kind, resource_id)
        for each in values.get("addresses", ()):
            each.setdefault("subnet_id", "s")
        document = {**msgspec.to_builtins(before), **values, "revision": before.revision + 1}
        after = msgspec.convert(document, STRUCTS[kind])
        self.kept[kind][resource_id] = after
        return msgspec.json.encode(after)

    def delete_network_resource(
        self, context: RequestContext, *, kind: NetworkKind, resource_id: str
    ) -> None:
        self.calls.append(("delete", resource_id))
        self._get(context, kind, resource_id)
        del self.kept[kind][resource_id]

    def network_quota(self, context: RequestContext) -> dict[str, dict[str, int]]:
        networks = [
            each
            for each in self.kept[NetworkKind.NETWORK].values()
            if each.project_id == context.project_id
        ]
        return {"network": {"limit": 10, "used": len(networks)}, "port": {"limit": 50, "used": 0}}

    def _get(self, context: RequestContext, kind: NetworkKind, resource_id: str) -> Any:
        found = self.kept[kind].get(resource_id)
        if found is None or not _visible(context, found):
            raise NetworkResourceNotFound(kind, resource_id)
        return found

    def put(self, kind: NetworkKind, **fields: Any) -> Any:
        """A row that is there without having been asked for."""
        made = STRUCTS[kind](**{"id": ids.new_uuid(), **fields})
        self.kept[kind][made.id] = made
        return made

    def change(self, resource: Any, kind: NetworkKind, **fields: Any) -> None:
        self.kept[kind][resource.id] = replace(resource, **fields)


class BrokenRows(Rows):
    """The conductor is away."""

    def list_network_resources(self, context: RequestContext, *, query: NetworkQuery) -> bytes:
        raise errors.RpcTimeout(topic="conductor", method="list_network_resources", timeout=1)


def _visible(context: RequestContext, resource: Any) -> bool:
    shared = getattr(resource, "shared", False) or getattr(resource, "external", False)
    return context.is_admin or shared or resource.project_id == context.project_id


def _fits(resource: Any, field: str, values: list[str]) -> bool:
    if field in ("address", "subnet_id") and hasattr(resource, "addresses"):
        return any(getattr(each, field) in values for each in resource.addresses)
    found = getattr(resource, field)
    if isinstance(found, list):
        return any(each in values for each in found)
    if isinstance(found, bool):
        return str(found).lower() in values
    return ("" if found is None else str(found)) in values
