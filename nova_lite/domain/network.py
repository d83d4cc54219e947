# SPDX-License-Identifier: Apache-2.0
"""The built-in network: what users make, and what a host has to make of it.

Rows are kept by the conductor. A host gets one `HostNetworks` value: all that concerns it,
ready to be made true, with nothing to look up.
"""

import datetime as dt
import enum
from typing import Final

import msgspec

# Names of devices are at most 15 bytes long.
_ID_PART: Final = 11


class NetworkMode(enum.StrEnum):
    """How guests of one network on different hosts reach each other."""

    FLAT = "flat"
    VLAN = "vlan"
    VXLAN = "vxlan"


class Direction(enum.StrEnum):
    INGRESS = "ingress"
    EGRESS = "egress"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    destination: str
    nexthop: str


class AddressRange(msgspec.Struct, frozen=True, kw_only=True):
    """Both ends belong to it."""

    start: str
    end: str


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """`segment` is the VLAN tag or the VNI; `physical_network` names a device of the hosts by
    their configuration (flat and vlan). External networks give floating addresses."""

    id: str
    project_id: str
    name: str = ""
    description: str = ""
    mode: NetworkMode = NetworkMode.VXLAN
    physical_network: str | None = None
    segment: int | None = None
    mtu: int = 1500
    shared: bool = False
    external: bool = False
    admin_state_up: bool = True
    port_security: bool = True
    subnets: list[str] = []
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    revision: int = 0


class Subnet(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    network_id: str
    project_id: str
    cidr: str
    version: int = 4
    name: str = ""
    description: str = ""
    gateway: str | None = None
    pools: list[AddressRange] = []
    dns: list[str] = []
    routes: list[Route] = []
    dhcp: bool = True
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    revision: int = 0


class PortAddress(msgspec.Struct, frozen=True, kw_only=True):
    subnet_id: str
    address: str


class AddressPair(msgspec.Struct, frozen=True, kw_only=True):
    """An address that a port may use besides its own; mac None: the port's."""

    address: str
    mac: str | None = None


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """`device_id` is the server's uuid, '' when nobody uses it; `hostname` its name there.
    `preexisting`: made by a user, so it is unbound, and not deleted, when its server ends."""

    id: str
    network_id: str
    project_id: str
    mac: str
    addresses: list[PortAddress] = []
    name: str = ""
    description: str = ""
    device_id: str = ""
    device_owner: str = ""
    hostname: str = ""
    host: str | None = None
    status: str = "DOWN"
    admin_state_up: bool = True
    port_security: bool = True
    security_groups: list[str] = []
    pairs: list[AddressPair] = []
    preexisting: bool = True
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    revision: int = 0


class FloatingIp(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    project_id: str
    network_id: str
    address: str
    port_id: str | None = None
    fixed_address: str | None = None
    status: str = "DOWN"
    description: str = ""
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    revision: int = 0


class SecurityGroupRule(msgspec.Struct, frozen=True, kw_only=True):
    """Allows. protocol None: every one; for icmp, port_min and port_max are type and code."""

    id: str
    group_id: str
    project_id: str
    direction: Direction
    version: int = 4
    protocol: str | None = None
    port_min: int | None = None
    port_max: int | None = None
    remote_cidr: str | None = None
    remote_group: str | None = None
    description: str = ""
    created_at: dt.datetime | None = None


class SecurityGroup(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    project_id: str
    name: str
    description: str = ""
    rules: list[SecurityGroupRule] = []
    stateful: bool = True
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    revision: int = 0


# --- what a host has to make ------------------------------------------------------------------


class HostRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its remote side written out: `members` are the addresses of the remote group
    (None: any address, unless remote_cidr narrows it)."""

    direction: Direction
    version: int
    protocol: str | None = None
    port_min: int | None = None
    port_max: int | None = None
    remote_cidr: str | None = None
    members: list[str] | None = None


class HostPort(msgspec.Struct, frozen=True, kw_only=True):
    """A port of a guest that is bound to this host. rules empty: nothing but DHCP passes."""

    id: str
    network_id: str
    instance_id: str
    project_id: str
    mac: str
    addresses: list[PortAddress]
    hostname: str = ""
    security: bool = True
    pairs: list[AddressPair] = []
    rules: list[HostRule] = []


class RemotePort(msgspec.Struct, frozen=True, kw_only=True):
    """A port of the same network on another host: where frames for it go (vxlan)."""

    mac: str
    addresses: list[str]
    tunnel_address: str


class HostFloating(msgspec.Struct, frozen=True, kw_only=True):
    """An address of the external network that this host translates to one of its ports."""

    address: str
    fixed_address: str
    port_id: str
    external_network: str


class HostNetwork(msgspec.Struct, frozen=True, kw_only=True):
    network: Network
    subnets: list[Subnet]
    ports: list[HostPort]
    remotes: list[RemotePort] = []


class HostNetworks(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a host has to make. `externals`: networks that floatings are of.

    `generation` grows with every change of any row, so a host that has this one is current.
    """

    generation: int
    networks: list[HostNetwork] = []
    floatings: list[HostFloating] = []
    externals: list[Network] = []
    external_subnets: list[Subnet] = []


def bridge_name(network_id: str) -> str:
    """The bridge of a network, the same on each host."""
    return f"nlb{network_id[:_ID_PART]}"


def tap_name(port_id: str) -> str:
    """The device of a port on its host."""
    return f"tap{port_id[:_ID_PART]}"
