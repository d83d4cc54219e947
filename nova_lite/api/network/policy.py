# SPDX-License-Identifier: Apache-2.0
"""Who may do what: rules with Neutron's names, made from the attributes of each kind.

What a caller sees at all the conductor decides: own resources, shared and external networks.
"""

from collections.abc import Iterator
from typing import Final

from nova_lite.api.network.attribute import Attribute, Kind
from nova_lite.api.network.kinds import KINDS
from nova_lite.base import policy
from nova_lite.base.policy import ADMIN, MEMBER, READER, Rule

PREFIX: Final = "/v2.0"

OWNER: Final = Rule(
    "network_owner",
    "project_id:%(network_project_id)s",
    "The owner of the network that a port is in.",
)
GET_QUOTA: Final = Rule(
    "get_quota",
    READER,
    "Show limits and usage of the built-in network.",
    (("GET", f"{PREFIX}/quotas/{{project_id}}"),),
)
GET_AVAILABILITY_ZONE: Final = Rule(
    "get_availability_zone",
    policy.ANY,
    "List availability zones of the built-in network.",
    (("GET", f"{PREFIX}/availability_zones"),),
)
GET_AVAILABILITY: Final = Rule(
    "get_network_ip_availability",
    ADMIN,
    "See how many addresses of networks are taken.",
    (("GET", f"{PREFIX}/network-ip-availabilities"),),
)
GET_AGENT: Final = Rule(
    "get_agent", ADMIN, "List agents: there are none.", (("GET", f"{PREFIX}/agents"),)
)
GET_ROUTER: Final = Rule(
    "get_router", READER, "List routers: there are none.", (("GET", f"{PREFIX}/routers"),)
)


def name(verb: str, kind: Kind, attribute: Attribute | None = None) -> str:
    """get_network, create_network:shared, ..."""
    rule = f"{verb}_{kind.one}"
    return f"{rule}:{attribute.name}" if attribute else rule


def _of(kind: Kind) -> Iterator[Rule]:
    every, one = f"{PREFIX}/{kind.path}", f"{PREFIX}/{kind.path}/{{id}}"
    words = kind.words
    get, post, put = ("GET", every), ("POST", every), ("PUT", one)
    yield Rule(name("get", kind), READER, f"See a {words}.", (get, ("GET", one)))
    yield Rule(name("create", kind), MEMBER, f"Create a {words}.", (post,))
    if kind.writable:
        yield Rule(name("update", kind), MEMBER, f"Change a {words}.", (put,))
    yield Rule(name("delete", kind), MEMBER, f"Delete a {words}.", (("DELETE", one),))
    for each in kind.attributes:
        what = f"{each.name} of a {words}"
        if each.shown_by:
            yield Rule(name("get", kind, each), each.shown_by, f"See {what}.", (get,))
        if not each.read or not each.set_by:
            continue
        if each.create:
            yield Rule(name("create", kind, each), each.set_by, f"Give {what}.", (post,))
        if each.update and kind.writable:
            yield Rule(name("update", kind, each), each.set_by, f"Change {what}.", (put,))


RULES: Final[tuple[Rule, ...]] = (
    OWNER,
    *(rule for kind in KINDS for rule in _of(kind)),
    GET_QUOTA,
    GET_AVAILABILITY_ZONE,
    GET_AVAILABILITY,
    GET_AGENT,
    GET_ROUTER,
)
policy.register(RULES)


def list_policies() -> list[Rule]:
    """For the sample generator (entry point group `nova_lite.policies`)."""
    return list(RULES)
