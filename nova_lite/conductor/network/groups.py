# SPDX-License-Identifier: Apache-2.0
"""Security groups and their rules. Each project has one named `default`, made on first use."""

from collections.abc import Sequence
from typing import Any, Final

from nova_lite.base import ids
from nova_lite.conductor.network.change import Change, Values, altered, check_names, make
from nova_lite.db.api import network_rows
from nova_lite.domain import addressing
from nova_lite.domain.errors_network import (
    NetworkConflict,
    NetworkInvalid,
    NetworkResourceNotFound,
)
from nova_lite.domain.network import Direction, Port, SecurityGroup, SecurityGroupRule
from nova_lite.domain.network_query import NetworkKind

DEFAULT: Final = "default"
ICMP: Final = frozenset({"icmp", "icmpv6", "ipv6-icmp", "1", "58"})
PORTS: Final = frozenset({"tcp", "udp", "sctp", "dccp", "udplite", "6", "17", "33", "132", "136"})
OTHERS: Final = frozenset(
    {"ah", "egp", "esp", "gre", "igmp", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-nonxt"}
    | {"ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "vrrp"}
)
_CHANGED: Final = frozenset({"name", "description", "stateful"})
_MADE: Final = _CHANGED | {"project_id"}
_RULE: Final = frozenset(
    {"group_id", "direction", "version", "protocol", "port_min", "port_max", "remote_cidr"}
    | {"remote_group", "description", "project_id"}
)
_SAME: Final = (
    *("direction", "version", "protocol", "port_min", "port_max", "remote_cidr", "remote_group"),
)


# --- groups -----------------------------------------------------------------------------------


def create(change: Change, values: Values, new_id: str) -> SecurityGroup:
    """With rules that let everything out."""
    check_names(values, _MADE, "A new security group")
    project = change.project(values)
    if values.get("name") == DEFAULT:
        raise NetworkConflict(
            "SecurityGroupDefaultAlreadyExists", "Default security group already exists."
        )
    default_group(change, project)
    change.check_quota("security_group", SecurityGroup, project)
    made = make(SecurityGroup, {"name": "", **values, "id": new_id, "project_id": project})
    return _add(change, made, default=False)


def default_group(change: Change, project_id: str) -> SecurityGroup:
    """The project's own, made when it is not there."""
    found = network_rows.default_group(change.tx, project_id)
    if found is not None:
        return found
    made = SecurityGroup(
        id=ids.new_uuid(), project_id=project_id, name=DEFAULT, description="Default security group"
    )
    return _add(change, made, default=True)


def _add(change: Change, made: SecurityGroup, *, default: bool) -> SecurityGroup:
    network_rows.add(change.tx, made)
    if default:
        network_rows.set_default(change.tx, made)
    for version in (4, 6):
        _add_rule(change, made, Direction.EGRESS, version)
        if default:
            _add_rule(change, made, Direction.INGRESS, version, made.id)
    return network_rows.get(change.tx, SecurityGroup, made.id)


def _add_rule(
    change: Change, group: SecurityGroup, direction: Direction, version: int,
    remote_group: str | None = None,
) -> None:  # fmt: skip
    rule = SecurityGroupRule(
        id=ids.new_uuid(),
        group_id=group.id,
        project_id=group.project_id,
        direction=direction,
        version=version,
        remote_group=remote_group,
    )
    network_rows.add(change.tx, rule)


def update(change: Change, resource_id: str, values: Values) -> SecurityGroup:
    check_names(values, _CHANGED, "An existing security group")
    old = change.own(SecurityGroup, NetworkKind.SECURITY_GROUP, resource_id)
    new = altered(old, values)
    default = network_rows.default_group(change.tx, old.project_id)
    if default is not None and default.id == old.id and new.name != DEFAULT:
        raise NetworkConflict(
            "SecurityGroupCannotUpdateDefault", "Updating default security group not allowed."
        )
    if new.name != old.name:
        change.servers |= {port.device_id for port in _ports(change, old.id)}
    return network_rows.put(change.tx, new)


def delete(change: Change, resource_id: str) -> None:
    """Rules that name it go too."""
    old = change.own(SecurityGroup, NetworkKind.SECURITY_GROUP, resource_id)
    default = network_rows.default_group(change.tx, old.project_id)
    if default is not None and default.id == old.id and not change.context.is_admin:
        raise NetworkConflict(
            "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default "
            "security group.",
        )  # fmt: skip
    if network_rows.ports_with(change.tx, old.id):
        raise NetworkConflict("SecurityGroupInUse", f"Security Group {old.id} in use.")
    for rule in old.rules:
        network_rows.remove(change.tx, SecurityGroupRule, rule.id)
    for rule in network_rows.find(change.tx, SecurityGroupRule, remote_group=old.id):
        _touch(change, rule.group_id)
        network_rows.remove(change.tx, SecurityGroupRule, rule.id)
    network_rows.remove(change.tx, SecurityGroup, old.id)


def named(change: Change, project_id: str, wanted: Sequence[str]) -> list[SecurityGroup]:
    """Groups by id or name, as servers ask for them; `default` is made if need be. Raises
    NetworkResourceNotFound, and NetworkConflict for a name that several have."""
    found = []
    for word in dict.fromkeys(wanted):
        if word == DEFAULT:
            found.append(default_group(change, project_id))
            continue
        mine = network_rows.find(change.tx, SecurityGroup, project_id=project_id)
        by_id = [group for group in mine if group.id == word]
        by_name = [group for group in mine if group.name == word]
        if len(by_name) > 1 and not by_id:
            raise NetworkConflict(
                "NoUniqueMatch",
                f"Multiple security groups found matching '{word}'. Use an ID to be more specific.",
            )
        if not by_id and not by_name:
            raise NetworkResourceNotFound(NetworkKind.SECURITY_GROUP, word)
        found.append((by_id or by_name)[0])
    return found


# --- rules ------------------------------------------------------------------------------------


def create_rule(change: Change, values: Values, new_id: str) -> SecurityGroupRule:
    check_names(values, _RULE, "A new security group rule")
    if not values.get("group_id"):
        raise NetworkInvalid("A security group rule needs a security group.")
    group = change.own(SecurityGroup, NetworkKind.SECURITY_GROUP, str(values["group_id"]))
    change.check_quota("security_group_rule", SecurityGroupRule, group.project_id)
    made = make(
        SecurityGroupRule, {**values, "id": new_id, "project_id": group.project_id}
    )  # fmt: skip
    made = _checked(change, made)
    for rule in group.rules:
        if all(getattr(rule, name) == getattr(made, name) for name in _SAME):
            raise NetworkConflict(
                "SecurityGroupRuleExists",
                f"Security group rule already exists. Rule id is {rule.id}.",
                rule_id=rule.id,
            )
    _touch(change, group.id)
    return network_rows.add(change.tx, made)


def _checked(change: Change, made: SecurityGroupRule) -> SecurityGroupRule:
    """Normal form: protocols in small letters, ranges written out."""
    if made.version not in (4, 6):
        raise NetworkInvalid("The IP version is 4 or 6.")
    plain: dict[str, Any] = {}
    if made.protocol is not None:
        word = str(made.protocol).lower()
        plain["protocol"] = None if word in ("any", "-1", "") else word
        _check_protocol(word, made)
    if made.remote_cidr is not None:
        if made.remote_group is not None:
            raise NetworkInvalid(
                "Only remote_ip_prefix or remote_group_id may be provided.",
                "SecurityGroupRemoteGroupAndRemoteIpPrefix",
            )
        plain["remote_cidr"] = addressing.remote_range(made.remote_cidr, made.version)
    if made.remote_group is not None:
        change.seen(SecurityGroup, made.remote_group)
    _check_ports(plain.get("protocol"), made)
    return altered(made, plain)


def _check_protocol(word: str, made: SecurityGroupRule) -> None:
    number = int(word) if word.isdigit() else -1
    known = word in ICMP | PORTS | OTHERS or 0 <= number <= 255 or word in ("any", "-1", "")
    if not known:
        raise NetworkInvalid(
            f"Security group rule protocol {word} not supported.",
            "SecurityGroupRuleInvalidProtocol",
        )
    if word in ("icmpv6", "ipv6-icmp", "58") and made.version == 4:
        raise NetworkInvalid(
            f"Invalid ethertype IPv4 for protocol {word}.",
            "SecurityGroupEthertypeConflictWithProtocol",
        )


def _check_ports(protocol: str | None, made: SecurityGroupRule) -> None:
    low, high = made.port_min, made.port_max
    if low is None and high is None:
        return
    if protocol is None:
        raise NetworkInvalid(
            "Must also specify protocol if port range is given.",
            "SecurityGroupProtocolRequiredWithPorts",
        )
    if protocol in ICMP:
        for name, number in (("type", low), ("code", high)):
            if number is not None and not 0 <= number <= 255:
                raise NetworkInvalid(
                    f"Invalid value for ICMP {name} {number}. It must be 0 to 255.",
                    "SecurityGroupInvalidIcmpValue",
                )
        if low is None:
            raise NetworkInvalid(
                "ICMP code (port-range-max) is provided but ICMP type (port-range-min) is missing.",
                "SecurityGroupMissingIcmpType",
            )
        return
    if protocol not in PORTS:
        raise NetworkInvalid(
            f"Protocol {protocol} has no ports.", "SecurityGroupInvalidProtocolForPort"
        )
    if low is None or high is None or not 0 <= low <= high <= 65535:
        raise NetworkInvalid(
            "For TCP/UDP protocols, port_range_min must be <= port_range_max, both between 0 and "
            "65535.",
            "SecurityGroupInvalidPortRange",
        )


def delete_rule(change: Change, resource_id: str) -> None:
    old = change.own(SecurityGroupRule, NetworkKind.SECURITY_GROUP_RULE, resource_id)
    network_rows.remove(change.tx, SecurityGroupRule, old.id)
    _touch(change, old.group_id)


def _touch(change: Change, group_id: str) -> None:
    """Hosts with ports of the group have to look again."""
    change.networks |= {port.network_id for port in _ports(change, group_id)}


def _ports(change: Change, group_id: str) -> list[Port]:
    ports = network_rows.ports_with(change.tx, group_id)
    return network_rows.find(change.tx, Port, uuid=ports) if ports else []
