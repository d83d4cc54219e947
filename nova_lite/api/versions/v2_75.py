# SPDX-License-Identifier: Apache-2.0
"""Strict input everywhere it was not yet, and full answers where they were not yet."""

from typing import Any

from nova_lite.api.versions.change import Change, Drop, named, on
from nova_lite.api.versions.servers import LISTS, REBUILT, UPDATE


def _swap_as_text(item: dict[str, Any], flavor: Any, request: Any) -> None:
    if item["swap"] == 0:
        item["swap"] = ""


def _servers_if_any(item: dict[str, Any], node: Any, request: Any) -> None:
    if not item.get("servers"):
        item.pop("servers", None)


# What only show and detail had. (The key of a rebuilt server is a matter of 2.54.)
_READ_ONLY = (
    "config_drive",
    "host_status",
    "os-extended-volumes:volumes_attached",
    "security_groups",
    "OS-EXT-AZ:availability_zone",
    "OS-EXT-SRV-ATTR:host",
    "OS-EXT-SRV-ATTR:hostname",
    "OS-EXT-SRV-ATTR:hypervisor_hostname",
    "OS-EXT-SRV-ATTR:instance_name",
    "OS-EXT-SRV-ATTR:kernel_id",
    "OS-EXT-SRV-ATTR:launch_index",
    "OS-EXT-SRV-ATTR:ramdisk_id",
    "OS-EXT-SRV-ATTR:reservation_id",
    "OS-EXT-SRV-ATTR:root_device_name",
    "OS-EXT-SRV-ATTR:user_data",
    "OS-EXT-STS:power_state",
    "OS-EXT-STS:task_state",
    "OS-EXT-STS:vm_state",
    "OS-SRV-USG:launched_at",
    "OS-SRV-USG:terminated_at",
)


def _plain_addresses(item: dict[str, Any], server: Any, request: Any) -> None:
    for of_label in item["addresses"].values():
        for address in of_label:
            del address["OS-EXT-IPS:type"]
            del address["OS-EXT-IPS-MAC:mac_addr"]


CHANGE = Change(
    number=75,
    title=(
        "Unknown query and body keys are refused; PUT and rebuild return the full server; "
        'flavor swap is 0, not ""'
    ),
    strict_query=named(
        *LISTS,
        "flavors.list",
        "flavors.detail",
        "keypairs.list",
        "keypairs.show",
        "keypairs.delete",
        "limits.show",
        "quota_sets.show",
        "quota_sets.detail",
        "quota_sets.update",
        "quota_sets.delete",
        "server_groups.list",
        "services.list",
        "tenant_usage.list",
        "tenant_usage.show",
    ),
    response={
        **on((UPDATE,), Drop("key_name", *_READ_ONLY), _plain_addresses),
        **on((REBUILT,), Drop(*_READ_ONLY), _plain_addresses),
        **on(("flavor.detail",), _swap_as_text),
        **on(("hypervisor.summary", "hypervisor.detail"), _servers_if_any),
    },
)
