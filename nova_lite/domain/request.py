# SPDX-License-Identifier: Apache-2.0
"""What is asked for when servers are created or rebuilt, and what the scheduler answers."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from nova_lite.domain.devices import BlockDeviceWish, NetworkWish
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.group import GroupPlacement


class CreateServers(msgspec.Struct, frozen=True, kw_only=True):
    """POST /servers, validated in shape, not yet looked up.

    networks: "auto", "none", None (not given, before 2.37) or a list. `admin_pass` travels
    with the request only; it is never stored.
    """

    name: str
    flavor_ref: str
    image_ref: str | None = None
    min_count: int = 1
    max_count: int = 1
    networks: str | list[NetworkWish] | None = None
    block_devices: list[BlockDeviceWish] = []
    legacy_block_devices: bool = False
    metadata: dict[str, str] = {}
    security_groups: list[str] = []
    availability_zone: str | None = None
    forced_host: str | None = None
    forced_node: str | None = None
    requested_host: str | None = None
    requested_node: str | None = None
    config_drive: bool = False
    key_name: str | None = None
    user_data: str | None = None
    description: str | None = None
    hostname: str | None = None
    tags: list[str] = []
    trusted_certs: list[str] | None = None
    auto_disk_config: bool | None = None
    access_ip_v4: str | None = None
    access_ip_v6: str | None = None
    scheduler_hints: dict[str, Any] = {}
    personality: list[dict[str, str]] = []
    admin_pass: str | None = None
    check_zero_disk: bool = False


class RebuildServer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """POST /servers/{id}/action rebuild, in our words. What is UNSET stays as it is; None takes
    away. `admin_pass` travels in memory only and is never stored."""

    image_ref: str
    display_name: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    hostname: str | UnsetType = UNSET
    key_name: str | None | UnsetType = UNSET
    user_data: str | None | UnsetType = UNSET
    metadata: dict[str, str] | UnsetType = UNSET
    auto_disk_config: bool | UnsetType = UNSET
    access_ip_v4: str | UnsetType = UNSET
    access_ip_v6: str | UnsetType = UNSET
    trusted_certs: list[str] | None | UnsetType = UNSET
    personality: list[dict[str, str]] = []
    preserve_ephemeral: bool = False
    admin_pass: str | None = None


class CreatedServers(msgspec.Struct, frozen=True, kw_only=True):
    reservation_id: str
    uuids: list[str]
    auto_disk_config: bool = False
    security_groups: list[str] = []


class RequestSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What placing one server needs; stored (JSON with `schema`) for later moves.

    resources: resource class -> amount (VCPU, MEMORY_MB, DISK_GB in GiB). required and
    forbidden traits by name.
    """

    project_id: str
    user_id: str
    flavor: Flavor
    resources: dict[str, int]
    image_properties: dict[str, str] = {}
    availability_zone: str | None = None
    forced_host: str | None = None
    forced_node: str | None = None
    requested_host: str | None = None
    requested_node: str | None = None
    ignore_hosts: list[str] = []
    required_traits: list[str] = []
    forbidden_traits: list[str] = []
    group: GroupPlacement | None = None
    hints: dict[str, Any] = {}
    cell: str | None = None
    schema: int = 1


class SelectRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for a host for each of `uuids` (all alike), with `alternates` more for each.

    rebuild: the server is on the requested host already, and gets another image there."""

    spec: RequestSpec
    uuids: list[str]
    alternates: int = 2
    fresh: bool = False
    refused: list[str] = []
    rebuild: bool = False


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a check refused. wanted/has give by how much, where that makes sense."""

    check: str
    text: str
    wanted: str | None = None
    has: str | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A refused host."""

    host: str
    node: str
    reason: Reason


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    node: str
    node_uuid: str
    cell: str
    weight: float = 0.0
    zone: str = "nova"


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """For one server: the hosts to try, best first. Empty: none is valid."""

    uuid: str
    hosts: list[Pick]


class Selected(msgspec.Struct, frozen=True, kw_only=True):
    """`verdicts` are the refused hosts (at most `[scheduler] max_verdicts` in full);
    `counts` check -> number of hosts it refused; `considered` hosts in all."""

    selections: list[Selection]
    verdicts: list[Verdict] = []
    counts: dict[str, int] = {}
    considered: int = 0


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a server has no host. `verdicts` names hosts and is for operators only."""

    instance_uuid: str
    summary: str
    checks: list[Reason] = []
    counts: dict[str, int] = {}
    considered: int = 0
    verdicts: list[Verdict] = []
