# SPDX-License-Identifier: Apache-2.0
"""Rules of security groups. They are made and deleted, never changed."""

from typing import Any, Final

from nova_lite.api.network import readers
from nova_lite.api.network.attribute import (
    CREATED,
    DESCRIPTION,
    ID,
    PROJECT,
    Attribute,
    Kind,
)
from nova_lite.domain.network import Direction, SecurityGroupRule
from nova_lite.domain.network_query import NetworkKind

ETHERTYPES: Final = {4: "IPv4", 6: "IPv6"}
_VERSIONS: Final = {name.lower(): version for version, name in ETHERTYPES.items()}
_NUMBERS: Final = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}
_LONGEST: Final = 40
_OTHER_NAMES: Final = {"icmpv6": "ipv6-icmp", "any": None, "": None, "-1": None}
_port = readers.or_none(readers.number(-1, 65535))


def ethertype(value: Any) -> int:
    """IPv4 or IPv6, in any case, as 4 or 6."""
    found = _VERSIONS.get(str(value).lower()) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"'{value}' is not in {list(ETHERTYPES.values())}")
    return found


def protocol(value: Any) -> str | None:
    """A name or a number as text; the usual ones by their names; None: every protocol."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"'{value}' is not a protocol")
    word = str(value).strip().lower()
    if word in _OTHER_NAMES:
        return _OTHER_NAMES[word]
    if not word.isascii() or len(word) > _LONGEST:
        raise ValueError(f"'{value}' is not a protocol")
    if not word.isdigit():
        return word
    if len(word) > 3 or int(word) > 255:
        raise ValueError(f"'{value}' is not a protocol: numbers go up to 255")
    return _NUMBERS.get(int(word), str(int(word)))


def show(rule: SecurityGroupRule) -> dict[str, Any]:
    """A rule as it stands in its group."""
    shown = {each.name: each.shown(rule) for each in SECURITY_GROUP_RULE.attributes}
    return {**shown, **SECURITY_GROUP_RULE.fixed, "tenant_id": rule.project_id}


def _optional(name: str, source: str, read: readers.Reader) -> Attribute:
    return Attribute(name=name, field=source, read=readers.or_none(read))


SECURITY_GROUP_RULE: Final = Kind(
    kind=NetworkKind.SECURITY_GROUP_RULE,
    one="security_group_rule",
    many="security_group_rules",
    path="security-group-rules",
    words="security group rule",
    attributes=(
        ID,
        PROJECT,
        DESCRIPTION,
        CREATED,
        Attribute(name="updated_at", field="created_at", show=CREATED.show, match=None),
        Attribute(name="security_group_id", field="group_id", read=readers.uuid, required=True),
        Attribute(
            name="direction",
            field="direction",
            show=lambda rule: rule.direction.value,
            read=readers.one_of(*(each.value for each in Direction)),
            required=True,
        ),
        Attribute(
            name="ethertype",
            field="version",
            show=lambda rule: ETHERTYPES[rule.version],
            read=ethertype,
            match=lambda value: str(ethertype(value)),
        ),
        Attribute(
            name="protocol",
            field="protocol",
            read=protocol,
            match=lambda value: protocol(value) or "",
        ),
        _optional("port_range_min", "port_min", _port),
        _optional("port_range_max", "port_max", _port),
        _optional("remote_ip_prefix", "remote_cidr", readers.range_or_address),
        _optional("remote_group_id", "remote_group", readers.uuid),
    ),
    fixed={"remote_address_group_id": None, "revision_number": 0, "tags": []},
    writable=False,
)
