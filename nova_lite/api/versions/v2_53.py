# SPDX-License-Identifier: Apache-2.0
"""Services and hypervisors are known by uuid, and are asked for by query."""

from typing import Any

from nova_lite.api import shapes
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, Drop, JsonSchema, named, no_params

# The path held a verb, and the body said which service.
_BY_NAME = shapes.closed(
    {
        "host": shapes.HOST_NAME,
        "binary": {"type": "string", "minLength": 1, "maxLength": 255},
        "disabled_reason": {"type": "string", "minLength": 1, "maxLength": 255},
        "forced_down": shapes.BOOLEAN,
    },
    "host",
    "binary",
)
_NEW_PARAMS = no_params("hypervisor_hostname_pattern", "with_servers")


def _by_name(schema: JsonSchema) -> None:
    schema.clear()
    schema.update(_BY_NAME, properties=dict(_BY_NAME["properties"]))


def _numbered(item: dict[str, Any], source: Any, request: Any) -> None:
    item["id"] = source.id


def _numbered_service(item: dict[str, Any], node: Any, request: Any) -> None:
    item["service"]["id"] = node.service.id


def _what_the_verb_did(item: dict[str, Any], updated: Any, request: Any) -> None:
    kept = {"host", "binary"}
    kept |= {"forced_down"} if updated.verb == "force-down" else {"status"}
    if updated.verb == "disable-log-reason":
        kept |= {"disabled_reason"}
    for name in item.keys() - kept:
        del item[name]


def _servers(item: dict[str, Any], node: Any, request: Any) -> None:
    # a hypervisor without servers did not have the key
    if node.servers:
        item["servers"] = [{"name": one.name, "uuid": one.uuid} for one in node.servers]
    else:
        item.pop("servers", None)


CHANGE = Change(
    number=53,
    title=(
        "UUID ids for services and hypervisors; PUT os-services/{uuid}; with_servers and "
        "hypervisor_hostname_pattern; search/servers routes end"
    ),
    ends=named("hypervisors.search", "hypervisors.servers"),
    body={"services.update": _by_name},
    query={
        "hypervisors.list": _NEW_PARAMS,
        "hypervisors.detail": _NEW_PARAMS,
        "hypervisors.show": no_params("with_servers"),
    },
    strict_query=named("hypervisors.list", "hypervisors.detail", "hypervisors.show"),
    response={
        "service": (_numbered,),
        "service.updated": (_what_the_verb_did,),
        "hypervisor.summary": (_numbered, Drop("servers")),
        "hypervisor.detail": (_numbered, _numbered_service, Drop("servers")),
        "hypervisor.found": (_numbered, Drop("servers")),
        "hypervisor.servers": (_numbered, _servers),
        "hypervisor.uptime": (_numbered,),
    },
    behaviours=(Behaviour.SERVICES_BY_UUID, Behaviour.HYPERVISORS_BY_UUID),
)
