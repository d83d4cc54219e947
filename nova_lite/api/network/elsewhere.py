# SPDX-License-Identifier: Apache-2.0
"""What clients ask every cloud about, and is not here: lists without anything in them."""

from typing import Final

from nova_lite.api.network.call import Call, Reply
from nova_lite.api.network.policy import GET_AGENT, GET_AVAILABILITY_ZONE, GET_ROUTER
from nova_lite.base import policy
from nova_lite.domain import errors

# What callers know from the whole Networking API: a path's segment -> what is missing.
ABSENT: Final = {
    "address-groups": "address groups",
    "address-scopes": "address scopes",
    "agents": "agents",
    "auto-allocated-topology": "topologies made by itself",
    "default-security-group-rules": "rules that new groups begin with of your own",
    "flavors": "flavors of services",
    "local_ips": "local IPs",
    "log": "logs of packets",
    "metering": "metering",
    "ndp_proxies": "NDP proxies",
    "network_segment_ranges": "ranges of segments",
    "port_forwardings": "forwarded ports of floating IPs",
    "qos": "quality of service",
    "rbac-policies": "shares with single projects: a network is shared with all, or with nobody",
    "routers": "routers: each host is the gateway of its guests, and floating IPs need none",
    "segments": "segments of networks",
    "service-providers": "providers of services",
    "service_profiles": "profiles of services",
    "subnetpools": "pools of subnets",
    "tags": "tags",
    "trunks": "trunks",
}


def routers(call: Call) -> Reply:
    """GET /v2.0/routers"""
    policy.authorize(call.context, GET_ROUTER.name)
    return Reply(200, {"routers": []})


def agents(call: Call) -> Reply:
    """GET /v2.0/agents: the daemons are in the list of compute services."""
    policy.authorize(call.context, GET_AGENT.name)
    return Reply(200, {"agents": []})


def zones(call: Call) -> Reply:
    """GET /v2.0/availability_zones"""
    policy.authorize(call.context, GET_AVAILABILITY_ZONE.name)
    return Reply(200, {"availability_zones": []})


def no_router(call: Call) -> Reply:
    """POST /v2.0/routers"""
    raise errors.Unsupported(f"The built-in network has no {ABSENT['routers']}.")
