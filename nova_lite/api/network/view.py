# SPDX-License-Identifier: Apache-2.0
"""Resources as JSON."""

from collections.abc import Callable
from typing import Any

from nova_lite.api.network.attribute import Kind
from nova_lite.api.network.policy import name
from nova_lite.base import policy
from nova_lite.base.context import RequestContext

Make = Callable[[Any], dict[str, Any]]


def of(kind: Kind, context: RequestContext, fields: frozenset[str] = frozenset()) -> Make:
    """What makes the JSON of one resource for this caller; `fields` empty: all that he sees."""
    attributes = [
        each
        for each in kind.attributes
        if not each.hidden
        and (not fields or each.name in fields or _older(each.name) in fields)
        and (each.shown_by is None or policy.allowed(context, name("get", kind, each)))
    ]
    fixed = {key: value for key, value in kind.fixed.items() if not fields or key in fields}
    older = not fields or "tenant_id" in fields
    newer = not fields or "project_id" in fields

    def make(resource: Any) -> dict[str, Any]:
        shown = {each.name: each.shown(resource) for each in attributes}
        if older:
            shown["tenant_id"] = resource.project_id
        if not newer:
            shown.pop("project_id", None)
        return {**shown, **fixed}

    return make


def _older(name: str) -> str | None:
    return "tenant_id" if name == "project_id" else None
