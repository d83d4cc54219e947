# SPDX-License-Identifier: Apache-2.0
"""The EC2 tree, as old guests' software reads it: folders and texts."""

from collections.abc import Mapping
from typing import Any, Final

from nova_lite.domain.guestdata.openstack import hostname, user_data
from nova_lite.domain.guestdata.value import GuestData, Surroundings
from nova_lite.domain.instance import Instance

VERSIONS: Final = (
    *("1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15"),
    *("2008-02-01", "2008-09-01", "2009-04-04"),
)
LATEST: Final = "latest"
# How a folder is called in the list of the one that holds it, when that is not its key.
NAME: Final = "_name"

# Images have no manifest; this is the word that has always been there.
_NO_MANIFEST: Final = "FIX" + "ME"

Node = Mapping[str, Any] | str | bytes


def resolve(version: str) -> str | None:
    """The dated version; None for one that does not exist."""
    if version == LATEST:
        return VERSIONS[-1]
    return version if version in VERSIONS else None


def tree(data: GuestData, around: Surroundings, version: str) -> dict[str, Any]:
    """What is under a (dated) version: folders as dictionaries, files as text or bytes."""
    made: dict[str, Any] = {"meta-data": meta_data(data, around, version)}
    user = user_data(data.instance)
    if user is not None:
        made["user-data"] = user
    return made


def meta_data(data: GuestData, around: Surroundings, version: str) -> dict[str, Any]:
    instance = data.instance
    name = hostname(instance, around.dhcp_domain)
    made: dict[str, Any] = {
        "ami-id": f"ami-{_number(instance.image_ref):08x}",
        "ami-launch-index": str(instance.launch_index),
        "ami-manifest-path": _NO_MANIFEST,
        "instance-id": f"i-{instance.id:08x}",
        "hostname": name,
        "local-ipv4": _local_address(instance) or around.caller,
        "reservation-id": instance.reservation_id or "",
        "security-groups": "\n".join(instance.security_groups),
    }
    if instance.key_name and instance.key_data:
        key = {NAME: f"0={instance.key_name}", "openssh-key": instance.key_data}
        made["public-keys"] = {"0": key}
    if version >= "2007-01-19":
        made |= {
            "local-hostname": name,
            "public-hostname": name,
            "public-ipv4": _public_address(instance),
        }
    if version >= "2007-08-29":
        made["instance-type"] = instance.flavor.name
    if version >= "2007-12-15":
        made["block-device-mapping"] = block_devices(instance)
        if instance.kernel_id:
            made["kernel-id"] = f"aki-{_number(instance.kernel_id):08x}"
        if instance.ramdisk_id:
            made["ramdisk-id"] = f"ari-{_number(instance.ramdisk_id):08x}"
    if version >= "2008-02-01":
        made["placement"] = {"availability-zone": instance.availability_zone or ""}
    if version >= "2008-09-01":
        made["instance-action"] = "none"
    return made


def block_devices(instance: Instance) -> dict[str, str]:
    root = instance.root_device_name
    if not root:
        return {"ami": "sda1", "root": "/dev/sda1"}
    made = {"ami": _short(root), "root": root}
    blank = [device for device in instance.block_devices if device.source_type == "blank"]
    local = [device for device in blank if device.destination_type == "local"]
    plain = [device for device in local if device.guest_format != "swap" and device.device_name]
    for number, device in enumerate(plain):
        made[f"ephemeral{number}"] = str(device.device_name)
    for device in local:
        if device.guest_format == "swap" and device.device_name:
            made["swap"] = device.device_name
    volumes = [
        device
        for device in instance.block_devices
        if device.destination_type == "volume" and device.device_name
    ]
    for number, device in enumerate(volumes):
        made[f"ebs{number}"] = str(device.device_name)
    return made


def render(node: Node) -> bytes:
    """What is answered for a place in the tree: a file's content, or the list of a folder, by
    name."""
    if isinstance(node, bytes):
        return node
    if isinstance(node, str):
        return node.encode()
    return "\n".join(_entry(key, node[key]) for key in sorted(node) if key != NAME).encode()


def find(node: Node, path: list[str]) -> Node | None:
    """The place that a path leads to; None when there is none."""
    for part in path:
        if not isinstance(node, Mapping) or part == NAME or part not in node:
            return None
        node = node[part]
    return node


def _entry(key: str, value: Node) -> str:
    if not isinstance(value, Mapping):
        return key
    return str(value[NAME]) if NAME in value else f"{key}/"


def _short(device: str) -> str:
    return device.removeprefix("/dev/")


def _number(image: str | None) -> int:
    """A number for an image, the same everywhere: EC2's names of them have 32 bits."""
    digits = (image or "").replace("-", "")[:8]
    try:
        return int(digits, 16)
    except ValueError:
        return 0


def _local_address(instance: Instance) -> str:
    found = [ip.address for vif in instance.vifs for ip in vif.fixed_ips if ip.version == 4]
    return found[0] if found else ""


def _public_address(instance: Instance) -> str:
    found = [
        address for vif in instance.vifs for ip in vif.fixed_ips for address in ip.floating_ips
    ]
    return found[0] if found else ""
