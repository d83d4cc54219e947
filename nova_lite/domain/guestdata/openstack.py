# SPDX-License-Identifier: Apache-2.0
"""The OpenStack tree: which version has which files, and what is in them."""

import base64
import json
from typing import Any, Final

from nova_lite.domain.devices import BlockDevice, DeviceAddress, Vif
from nova_lite.domain.guestdata.network import network_data
from nova_lite.domain.guestdata.value import GuestData, Surroundings
from nova_lite.domain.instance import Instance

FOLSOM, GRIZZLY, HAVANA, LIBERTY = "2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15"
NEWTON_ONE, NEWTON_TWO, OCATA, ROCKY = "2016-06-30", "2016-10-06", "2017-02-22", "2018-08-27"
VICTORIA, EPOXY = "2020-10-14", "2025-04-04"
VERSIONS: Final = (
    *(FOLSOM, GRIZZLY, HAVANA, LIBERTY, NEWTON_ONE, NEWTON_TWO, OCATA, ROCKY, VICTORIA, EPOXY),
)
LATEST: Final = "latest"
META, USER, PASSWORD = "meta_data.json", "user_data", "password"
VENDOR, NETWORK, VENDOR2 = "vendor_data.json", "network_data.json", "vendor_data2.json"
_SEED: Final = 512  # bytes


def resolve(version: str) -> str | None:
    """The dated version; None for one that does not exist."""
    if version == LATEST:
        return VERSIONS[-1]
    return version if version in VERSIONS else None


def listing(data: GuestData, around: Surroundings, version: str) -> list[str]:
    """The files of a (dated) version, in the order in which they are listed."""
    there = {
        META: True,
        USER: data.instance.user_data is not None,
        PASSWORD: version >= GRIZZLY,
        VENDOR: version >= HAVANA and around.vendor is not None,
        NETWORK: version >= LIBERTY,
        VENDOR2: version >= NEWTON_TWO,
    }
    return [name for name, is_there in there.items() if is_there]


def document(data: GuestData, around: Surroundings, version: str, name: str) -> bytes | None:
    """A file of a (dated) version; None when it is not there."""
    if name not in listing(data, around, version):
        return None
    if name == USER:
        return user_data(data.instance)
    if name == PASSWORD:
        return data.instance.guest_password.encode()
    return encode(_DOCUMENTS[name](data, around, version))


def meta_data(data: GuestData, around: Surroundings, version: str) -> dict[str, Any]:
    instance = data.instance
    made: dict[str, Any] = {
        "uuid": instance.uuid,
        "name": instance.display_name,
        "hostname": hostname(instance, around.dhcp_domain),
        "launch_index": instance.launch_index,
        "availability_zone": instance.availability_zone,
    }
    if instance.metadata:
        made["meta"] = dict(instance.metadata)
    if instance.key_name and instance.key_data:
        name, text = instance.key_name, instance.key_data
        made["public_keys"] = {name: text}
        made["keys"] = [{"name": name, "type": instance.key_type or "ssh", "data": text}]
    if around.files:
        made["files"] = [
            {"path": file.path, "content_path": f"/{content_path(number)}"}
            for number, file in enumerate(around.files)
        ]
    if around.admin_pass is not None:
        made["admin_pass"] = around.admin_pass
    if version >= GRIZZLY:
        made["random_seed"] = base64.b64encode(around.random(_SEED)).decode()
    if version >= LIBERTY:
        made["project_id"] = instance.project_id
    if version >= NEWTON_ONE:
        made["devices"] = devices(instance, version)
    if version >= VICTORIA:
        made["dedicated_cpus"] = []
    return made


def content_path(number: int) -> str:
    """Where the content of such a file is, below `openstack`."""
    return f"content/{number:04d}"


def devices(instance: Instance, version: str) -> list[dict[str, Any]]:
    """What users have given a tag."""
    nics = {one.mac.lower(): one for one in instance.device_addresses if one.mac}
    disks = {one.block_device: one for one in instance.device_addresses if one.block_device}
    return [
        *(
            _nic(vif, nics.get(vif.mac.lower(), DeviceAddress()), version)
            for vif in instance.vifs
            if vif.tag
        ),
        *(
            _disk(device, disks.get(device.uuid, DeviceAddress()))
            for device in instance.block_devices
            if device.tag
        ),
    ]


def _nic(vif: Vif, at: DeviceAddress, version: str) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "nic", "bus": at.bus, "address": at.address}
    made |= {"mac": vif.mac, "tags": [vif.tag]}
    if version >= OCATA and vif.details.get("vlan") is not None:
        made["vlan"] = int(vif.details["vlan"])
    if version >= ROCKY:
        made["vf_trusted"] = False
    return made


def _disk(device: BlockDevice, at: DeviceAddress) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "disk", "bus": at.bus, "address": at.address}
    made["tags"] = [device.tag]
    if device.volume_id:
        made["serial"] = device.volume_id
    path = at.path or device.device_name
    if path:
        made["path"] = path
    return made


def hostname(instance: Instance, domain: str) -> str:
    name = instance.hostname or instance.uuid
    return f"{name}.{domain}" if domain else name


def user_data(instance: Instance) -> bytes | None:
    """As the guest gets it. The API lets nothing in that is not base64."""
    return None if instance.user_data is None else base64.b64decode(instance.user_data)


def encode(value: Any) -> bytes:
    return json.dumps(value).encode()


_DOCUMENTS: Final = {
    META: meta_data,
    VENDOR: lambda data, around, version: around.vendor,
    NETWORK: lambda data, around, version: network_data(data.instance.vifs),
    VENDOR2: lambda data, around, version: around.vendor2,
}
