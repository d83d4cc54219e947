# SPDX-License-Identifier: Apache-2.0
"""The server, as stored and as sent between daemons. Writes are patches, never the whole."""

import datetime as dt
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from nova_lite.domain.devices import BlockDevice, DeviceAddress, Vif
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.lifecycle import Snapshot
from nova_lite.domain.states import PowerState, TaskState, VmState


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The last thing that went wrong, as users see it; `details` is for operators."""

    code: int
    message: str
    created_at: dt.datetime
    details: str | None = None


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """A server. `id` numbers it inside its cell; times are aware UTC.

    `image_ref` is None for a server that boots from a volume. `image_properties` are the
    image's properties at build time, with min_ram, min_disk, disk_format and
    container_format as strings among them. `locked_by` is None, "owner" or "admin".
    """

    uuid: str
    project_id: str
    user_id: str
    display_name: str
    flavor: Flavor
    id: int = 0
    hostname: str | None = None
    description: str | None = None
    vm_state: VmState = VmState.BUILDING
    task_state: TaskState | None = None
    power_state: PowerState = PowerState.NOSTATE
    host: str | None = None
    node: str | None = None
    availability_zone: str | None = None
    pinned_availability_zone: str | None = None
    image_ref: str | None = None
    image_properties: dict[str, str] = {}
    kernel_id: str | None = None
    ramdisk_id: str | None = None
    key_name: str | None = None
    key_data: str | None = None
    key_type: str | None = None
    user_data: str | None = None
    config_drive: bool = False
    metadata: dict[str, str] = {}
    system_metadata: dict[str, str] = {}
    tags: list[str] = []
    security_groups: list[str] = []
    auto_disk_config: bool = False
    access_ip_v4: str | None = None
    access_ip_v6: str | None = None
    root_device_name: str | None = None
    launch_index: int = 0
    reservation_id: str | None = None
    locked_by: str | None = None
    locked_reason: str | None = None
    progress: int = 0
    trusted_certs: list[str] | None = None
    scheduler_hints: dict[str, Any] = {}
    server_group: str | None = None
    vifs: list[Vif] = []
    block_devices: list[BlockDevice] = []
    # of those that have a tag, as the host saw them when it last started or changed the guest
    device_addresses: list[DeviceAddress] = []
    fault: Fault | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    launched_at: dt.datetime | None = None
    terminated_at: dt.datetime | None = None
    deleted: bool = False
    deleted_at: dt.datetime | None = None
    # what the guest told, encrypted for who has the key
    guest_password: str = ""
    # filled for those who list: what the service of `host` says (UP, DOWN, MAINTENANCE, UNKNOWN)
    host_status: str = ""
    # the name the hypervisor knows; from [DEFAULT] instance_name_template at creation
    guest_name: str = ""

    def snapshot(self) -> Snapshot:
        return Snapshot(
            uuid=self.uuid,
            vm_state=self.vm_state,
            task_state=self.task_state,
            launched=self.launched_at is not None,
            host=self.host,
            locked_by=self.locked_by,
        )


class InstancePatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to write. A field that is UNSET is left alone."""

    vm_state: VmState | UnsetType = UNSET
    task_state: TaskState | None | UnsetType = UNSET
    power_state: PowerState | UnsetType = UNSET
    host: str | None | UnsetType = UNSET
    node: str | None | UnsetType = UNSET
    availability_zone: str | None | UnsetType = UNSET
    pinned_availability_zone: str | None | UnsetType = UNSET
    display_name: str | UnsetType = UNSET
    hostname: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    auto_disk_config: bool | UnsetType = UNSET
    access_ip_v4: str | None | UnsetType = UNSET
    access_ip_v6: str | None | UnsetType = UNSET
    root_device_name: str | None | UnsetType = UNSET
    image_ref: str | UnsetType = UNSET
    image_properties: dict[str, str] | UnsetType = UNSET
    kernel_id: str | None | UnsetType = UNSET
    ramdisk_id: str | None | UnsetType = UNSET
    key_name: str | None | UnsetType = UNSET
    key_data: str | None | UnsetType = UNSET
    key_type: str | None | UnsetType = UNSET
    user_data: str | None | UnsetType = UNSET
    trusted_certs: list[str] | None | UnsetType = UNSET
    locked_by: str | None | UnsetType = UNSET
    locked_reason: str | None | UnsetType = UNSET
    progress: int | UnsetType = UNSET
    launched_at: dt.datetime | None | UnsetType = UNSET
    terminated_at: dt.datetime | None | UnsetType = UNSET
    deleted_at: dt.datetime | None | UnsetType = UNSET
    metadata: dict[str, str] | UnsetType = UNSET
    config_drive: bool | UnsetType = UNSET
    system_metadata: dict[str, str] | UnsetType = UNSET
    guest_password: str | UnsetType = UNSET
    vifs: list[Vif] | UnsetType = UNSET
    device_addresses: list[DeviceAddress] | UnsetType = UNSET
    security_groups: list[str] | UnsetType = UNSET


class TagChange(msgspec.Struct, frozen=True, kw_only=True):
    """The tags of a server before and after a change, in alphabetical order."""

    before: list[str]
    after: list[str]


class Expect(msgspec.Struct, frozen=True, kw_only=True):
    """What a row must still say for a patch to be written. UNSET = not looked at.

    vm_states and task_states are sets of allowed values; None among task_states = idle.
    """

    vm_states: list[VmState] | UnsetType = UNSET
    task_states: list[TaskState | None] | UnsetType = UNSET
    host: str | None | UnsetType = UNSET


class InstanceQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A page of servers.

    project_id None = all projects. `filters`: exact column names to a value or list of values
    (a list means any of); `states`: allowed (vm_state, task_states) pairs, an empty list
    matches nothing; regexes for name, ip, ip6 and others that the API declares as such are in
    `matches`. deleted: False = only live ones, True = only deleted ones, None = both.
    sort: (key, "asc"|"desc") pairs; the API adds the tie-breaker. `marker` is a uuid.
    """

    project_id: str | None
    filters: dict[str, Any] = {}
    matches: dict[str, str] = {}
    states: list[tuple[VmState, list[TaskState | None]]] | None = None
    tags_all: list[str] = []
    tags_any: list[str] = []
    not_tags_all: list[str] = []
    not_tags_any: list[str] = []
    deleted: bool | None = False
    soft_deleted: bool = False
    changes_since: dt.datetime | None = None
    changes_before: dt.datetime | None = None
    sort: list[tuple[str, str]] = []
    limit: int = 1000
    marker: str | None = None


class InstanceSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What GET /servers shows. `down` marks a record of a cell that did not answer."""

    uuid: str
    display_name: str
    down: bool = False


class InstanceChanges(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What PUT /servers/{id} may change."""

    display_name: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    hostname: str | UnsetType = UNSET
    auto_disk_config: bool | UnsetType = UNSET
    access_ip_v4: str | None | UnsetType = UNSET
    access_ip_v6: str | None | UnsetType = UNSET
    pinned_availability_zone: str | None | UnsetType = UNSET
