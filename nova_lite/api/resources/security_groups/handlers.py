# SPDX-License-Identifier: Apache-2.0
"""What the calls about security groups do. Rules of this API are for what comes in."""

import ipaddress
from typing import Any, Final, NamedTuple

from nova_lite.api import network_rows, pages
from nova_lite.api.request import Request
from nova_lite.api.resources.server_security_groups.handlers import with_named
from nova_lite.api.resources.server_security_groups.view import Groups
from nova_lite.domain import errors
from nova_lite.domain.errors_network import NetworkConflict
from nova_lite.domain.network import Direction, SecurityGroup, SecurityGroupRule
from nova_lite.domain.network_query import NetworkKind, NetworkQuery

_ALL_PORTS: Final = {"tcp": (1, 65535), "udp": (1, 65535), "icmp": (None, None)}


class OneRule(NamedTuple):
    """A rule, and the group that it names."""

    rule: SecurityGroupRule
    groups: Groups


def index(request: Request, clients: Any, target: None, body: None) -> Groups:
    """GET /os-security-groups"""
    everywhere = "all_tenants" in request.query and request.context.is_admin
    query = NetworkQuery(
        kind=NetworkKind.SECURITY_GROUP,
        filters={} if everywhere else {"project_id": [request.project_id]},
    )
    found = network_rows.find(clients.conductor, request.context, query)
    first = pages.offset(request)
    return with_named(request, clients, found[first : first + pages.limit(request)])


def show(request: Request, clients: Any, target: None, body: None) -> Groups:
    """GET /os-security-groups/{id}"""
    return with_named(request, clients, [_group(request, clients, request.params["id"])])


def create(request: Request, clients: Any, target: None, body: Any) -> Groups:
    """POST /os-security-groups"""
    network_rows.require(request.conf)
    try:
        made = network_rows.create(
            clients.conductor, request.context, NetworkKind.SECURITY_GROUP, _values(body)
        )
    except NetworkConflict as error:
        raise _refusal(error, "security groups") from error
    return with_named(request, clients, [made])


def update(request: Request, clients: Any, target: None, body: Any) -> Groups:
    """PUT /os-security-groups/{id}"""
    changed = network_rows.update(
        clients.conductor,
        request.context,
        NetworkKind.SECURITY_GROUP,
        request.params["id"],
        _values(body),
    )
    return with_named(request, clients, [changed])


def delete(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /os-security-groups/{id}"""
    network_rows.delete(
        clients.conductor, request.context, NetworkKind.SECURITY_GROUP, request.params["id"]
    )


def create_rule(request: Request, clients: Any, target: None, body: Any) -> OneRule:
    """POST /os-security-group-rules"""
    network_rows.require(request.conf)
    wish = body["security_group_rule"]
    parent = _group(request, clients, str(wish["parent_group_id"]))
    values = {**_rule_values(wish), "group_id": parent.id}
    if wish.get("group_id"):
        values["remote_group"] = _group(request, clients, wish["group_id"]).id
    try:
        made = network_rows.create(
            clients.conductor, request.context, NetworkKind.SECURITY_GROUP_RULE, values
        )
    except NetworkConflict as error:
        raise _refusal(error, "security group rules") from error
    whole = _group(request, clients, parent.id)
    return OneRule(made, with_named(request, clients, [whole]))


def delete_rule(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /os-security-group-rules/{id}"""
    network_rows.delete(
        clients.conductor, request.context, NetworkKind.SECURITY_GROUP_RULE, request.params["id"]
    )


def _group(request: Request, clients: Any, group_id: str) -> SecurityGroup:
    found: SecurityGroup = network_rows.get(
        clients.conductor, request.context, NetworkKind.SECURITY_GROUP, group_id
    )
    return found


def _values(body: Any) -> dict[str, Any]:
    given = body["security_group"]
    return {"name": given["name"].strip(), "description": given["description"].strip()}


def _rule_values(wish: dict[str, Any]) -> dict[str, Any]:
    """Everything but the groups. Raises Invalid."""
    low, high = _number(wish.get("from_port")), _number(wish.get("to_port"))
    protocol = (wish.get("ip_protocol") or "").lower() or None
    values: dict[str, Any] = {"direction": Direction.INGRESS.value, "version": 4}
    if not wish.get("group_id"):
        net = _range(wish.get("cidr") or "0.0.0.0/0")
        values |= {"remote_cidr": str(net), "version": net.version}
        if protocol is None:
            raise errors.Invalid("Not enough parameters to build a valid rule.")
    if protocol not in (None, *_ALL_PORTS):
        raise errors.Invalid(f"Invalid IP protocol {protocol}.")
    if protocol is not None:
        if low is None and high is None:
            low, high = _ALL_PORTS[protocol]
        values |= {"protocol": protocol, "port_min": low, "port_max": high}
    return values


def _number(value: Any) -> int | None:
    """-1 is every port, or every kind of ICMP."""
    return None if value in (None, "", -1, "-1") else int(value)


def _range(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise errors.Invalid(f"Invalid cidr {text}.") from None


def _refusal(error: NetworkConflict, what: str) -> errors.NovaLiteError:
    """What is a conflict elsewhere is another thing in this API."""
    if error.values.get("type") == "OverQuota":
        return errors.ResourceLimitExceeded(resource=what)
    return errors.Invalid(error.message)
