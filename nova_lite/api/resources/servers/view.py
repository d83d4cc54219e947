# SPDX-License-Identifier: Apache-2.0
"""Servers as the newest microversion shows them.

What depends on the caller alone is asked once for a page (`_Shown`); one server then costs one
dictionary and a few look-ups.
"""

import hashlib
from functools import lru_cache
from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.servers import policy
from nova_lite.api.resources.servers.view_schema import DETAIL_SCHEMA, SHOW_SCHEMA, SUMMARY_SCHEMA
from nova_lite.api.times import plain, zulu
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.view import Collection, Item, Make
from nova_lite.domain import lifecycle
from nova_lite.domain.devices import Vif
from nova_lite.domain.instance import Fault, Instance, InstanceSummary
from nova_lite.domain.states import VmState

_SHA224 = hashlib.sha224


@lru_cache(maxsize=16384)
def host_id(project_id: str | None, host: str | None) -> str:
    """The same for all servers of a project on a host, and tells nothing of the host."""
    if not host:
        return ""
    return _SHA224(f"{project_id}{host}".encode()).hexdigest()


def _summary(request: Request) -> Make:
    links = request.links

    def make(server: InstanceSummary) -> dict[str, Any]:
        item: dict[str, Any] = {
            "id": server.uuid,
            "name": server.display_name,
            "links": links.of("servers", server.uuid),
        }
        if server.down:
            item["status"] = "UNKNOWN"
            del item["name"]
        return item

    return make


class _Shown:
    """Makes one server; what the caller may see is worked out here, once."""

    def __init__(self, request: Request) -> None:
        self.links = request.links
        self.images = request.links.images(request.conf.api.glance_link_prefix)
        self.is_admin = request.context.is_admin
        self.extended = request.allowed(policy.EXTENDED)
        self.hostname = self.extended or request.has(Behaviour.HOSTNAME_FOR_ALL)
        self.specs = request.allowed(policy.FLAVOR_EXTRA_SPECS)
        self.status = request.allowed(policy.HOST_STATUS)
        self.unknown = not self.status and request.allowed(policy.HOST_STATUS_UNKNOWN)

    def __call__(self, server: Instance) -> dict[str, Any]:
        uuid = server.uuid
        vm_state, task_state = server.vm_state, server.task_state
        status = lifecycle.status(vm_state, task_state, deleted=server.deleted)
        created = zulu(server.created_at)
        item: dict[str, Any] = {
            "id": uuid,
            "name": server.display_name,
            "status": status,
            "tenant_id": server.project_id,
            "user_id": server.user_id,
            "metadata": server.metadata,
            "hostId": host_id(server.project_id, server.host),
            "image": self._image(server),
            "flavor": self._flavor(server),
            "created": created,
            "updated": zulu(server.updated_at) or created,
            "addresses": addresses(server.vifs) if server.vifs else {},
            "accessIPv4": server.access_ip_v4 or "",
            "accessIPv6": server.access_ip_v6 or "",
            "links": self.links.of("servers", uuid),
            "OS-DCF:diskConfig": "AUTO" if server.auto_disk_config else "MANUAL",
            "OS-EXT-AZ:availability_zone": server.availability_zone or "",
            "config_drive": "True" if server.config_drive else "",
            "key_name": server.key_name,
            "OS-SRV-USG:launched_at": plain(server.launched_at),
            "OS-SRV-USG:terminated_at": plain(server.terminated_at),
            "OS-EXT-STS:task_state": task_state,
            "OS-EXT-STS:vm_state": VmState.DELETED if server.deleted else vm_state,
            "OS-EXT-STS:power_state": server.power_state,
            "os-extended-volumes:volumes_attached": [
                {"id": device.volume_id, "delete_on_termination": device.delete_on_termination}
                for device in server.block_devices
                if device.volume_id
            ],
            "locked": server.locked_by is not None,
            "locked_reason": server.locked_reason,
            "description": server.description,
            "tags": server.tags,
            "trusted_image_certificates": server.trusted_certs,
            "pinned_availability_zone": server.pinned_availability_zone,
            "scheduler_hints": server.scheduler_hints,
        }
        if server.security_groups:
            item["security_groups"] = [{"name": name} for name in server.security_groups]
        if self.extended:
            _extend(item, server)
        if self.hostname:
            item["OS-EXT-SRV-ATTR:hostname"] = server.hostname or ""
        if self.status or (self.unknown and server.host_status == "UNKNOWN"):
            item["host_status"] = server.host_status
        if status in lifecycle.PROGRESS_STATUSES:
            item["progress"] = server.progress
        if server.fault is not None and status in lifecycle.FAULT_STATUSES:
            item["fault"] = self._fault(server.fault)
        return item

    def _image(self, server: Instance) -> dict[str, Any] | str:
        if not server.image_ref:
            return ""
        return {
            "id": server.image_ref,
            "links": [{"rel": "bookmark", "href": f"{self.images}/{server.image_ref}"}],
            "properties": server.image_properties,
        }

    def _flavor(self, server: Instance) -> dict[str, Any]:
        flavor = server.flavor
        shown = {
            "vcpus": flavor.vcpus,
            "ram": flavor.memory_mb,
            "disk": flavor.root_gb,
            "ephemeral": flavor.ephemeral_gb,
            "swap": flavor.swap_mb,
            "original_name": flavor.name,
        }
        if self.specs:
            shown["extra_specs"] = flavor.extra_specs
        return shown

    def _fault(self, fault: Fault) -> dict[str, Any]:
        shown = {
            "code": fault.code,
            "created": zulu(fault.created_at),
            "message": fault.message,
        }
        if fault.details and (fault.code != 500 or self.is_admin):
            shown["details"] = fault.details
        return shown


def _extend(item: dict[str, Any], server: Instance) -> None:
    item["OS-EXT-SRV-ATTR:host"] = server.host
    item["OS-EXT-SRV-ATTR:instance_name"] = server.guest_name
    item["OS-EXT-SRV-ATTR:hypervisor_hostname"] = server.node
    item["OS-EXT-SRV-ATTR:reservation_id"] = server.reservation_id
    item["OS-EXT-SRV-ATTR:launch_index"] = server.launch_index
    item["OS-EXT-SRV-ATTR:kernel_id"] = server.kernel_id or ""
    item["OS-EXT-SRV-ATTR:ramdisk_id"] = server.ramdisk_id or ""
    item["OS-EXT-SRV-ATTR:root_device_name"] = server.root_device_name
    item["OS-EXT-SRV-ATTR:user_data"] = server.user_data


def addresses(vifs: list[Vif]) -> dict[str, list[dict[str, Any]]]:
    """label -> fixed and floating addresses, in the order of the interfaces."""
    found: dict[str, list[dict[str, Any]]] = {}
    for vif in vifs:
        of_label = found.setdefault(vif.label, [])
        for fixed in vif.fixed_ips:
            of_label.append(_address(fixed.address, fixed.version, "fixed", vif.mac))
            for floating in fixed.floating_ips:
                of_label.append(_address(floating, 4, "floating", vif.mac))
    return found


def _address(address: str, version: int, kind: str, mac: str) -> dict[str, Any]:
    return {
        "version": version,
        "addr": address,
        "OS-EXT-IPS:type": kind,
        "OS-EXT-IPS-MAC:mac_addr": mac,
    }


def with_groups(request: Request) -> Make:
    """One server, with the group that it is in."""
    make = _Shown(request)

    def show(server: Instance) -> dict[str, Any]:
        item = make(server)
        item["server_groups"] = [server.server_group] if server.server_group else []
        return item

    return show


SUMMARIES = Collection(
    key="servers",
    shape="server.summary",
    build=_summary,
    of=SUMMARY_SCHEMA,
    links_key="servers_links",
    marker=lambda server: str(server.uuid),
)
DETAILS = Collection(
    key="servers",
    shape="server.detail",
    build=_Shown,
    of=DETAIL_SCHEMA,
    links_key="servers_links",
    marker=lambda server: str(server.uuid),
)
SHOW = Item(key="server", shape="server.show", build=with_groups, of=SHOW_SCHEMA)
UPDATED = Item(key="server", shape="server.update", build=with_groups, of=SHOW_SCHEMA)
