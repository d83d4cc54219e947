# SPDX-License-Identifier: Apache-2.0
"""Why a server has no host: what its owner may know, and what operators may."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.servers import policy
from nova_lite.api.view import Item, Make, closed
from nova_lite.domain.request import Explanation, Reason

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_CHECK = {"check": _TEXT, "reason": _TEXT, "wanted": _TEXT_OR_NULL, "has": _TEXT_OR_NULL}

SCHEMA = closed(
    {
        "server_id": {"type": "string", "format": "uuid"},
        "summary": _TEXT,
        "hosts_considered": {"type": "integer"},
        "hosts_refused": {"type": "object", "additionalProperties": {"type": "integer"}},
        "checks": {"type": "array", "items": closed(_CHECK)},
        "hosts": {"type": "array", "items": closed({"host": _TEXT, "node": _TEXT, **_CHECK})},
    },
    optional=["hosts"],
)


def _check(reason: Reason) -> dict[str, Any]:
    return {
        "check": reason.check,
        "reason": reason.text,
        "wanted": reason.wanted,
        "has": reason.has,
    }


def _explanation(request: Request) -> Make:
    names_hosts = request.allowed(policy.EXPLAIN_HOSTS)

    def make(found: Explanation) -> dict[str, Any]:
        item: dict[str, Any] = {
            "server_id": found.instance_uuid,
            "summary": found.summary,
            "hosts_considered": found.considered,
            "hosts_refused": found.counts,
            "checks": [_check(reason) for reason in found.checks],
        }
        if names_hosts:
            item["hosts"] = [
                {"host": verdict.host, "node": verdict.node, **_check(verdict.reason)}
                for verdict in found.verdicts
            ]
        return item

    return make


EXPLANATION = Item(key="explanation", shape="server.explanation", build=_explanation, of=SCHEMA)
