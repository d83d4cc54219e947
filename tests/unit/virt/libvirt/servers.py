# SPDX-License-Identifier: Apache-2.0
"""Servers and hosts to make guests of."""

from typing import Any

from nova_lite.domain.devices import Vif
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.instance import Instance
from nova_lite.virt.libvirt.guestspec import DiskFile
from nova_lite.virt.libvirt.spec import HostOptions

UUID = "5d1e0c2a-1111-4222-8333-944445555666"
FOLDER = f"/srv/instances/{UUID}"
LOG = f"{FOLDER}/console.log"


def server(
    *,
    specs: dict[str, str] | None = None,
    properties: dict[str, str] | None = None,
    vcpus: int = 1,
    **fields: Any,
) -> Instance:
    """`specs`: the flavor's extra specs; `properties`: the image's."""
    flavor = Flavor(
        flavorid="1",
        name="m1.tiny",
        vcpus=vcpus,
        memory_mb=128,
        root_gb=1,
        extra_specs=specs or {},
    )
    values: dict[str, Any] = {
        "uuid": UUID,
        "project_id": "p-1",
        "user_id": "u-1",
        "display_name": "web",
        "guest_name": "instance-0000000a",
        "image_ref": "1b7a6d0e-0000-4000-8000-000000000001",
        "flavor": flavor,
        "image_properties": properties or {},
        "vifs": [vif("user")],
    }
    return Instance(**{**values, **fields})


def vif(kind: str, number: int = 1, **fields: Any) -> Vif:
    return Vif(
        port_id=f"c0ffee0{number}-aaaa-4bbb-8ccc-dddddddddddd",
        network_id="n",
        mac=f"fa:16:3e:00:00:0{number}",
        vif_type=kind,
        **fields,
    )


def host(**fields: Any) -> HostOptions:
    values: dict[str, Any] = {
        "host": "cpu-1",
        "virt_type": "qemu",
        "arch": "x86_64",
        "version": "0.1.0",
        "vnc_listen": "127.0.0.1",
        "pointer": "usbtablet",
    }
    return HostOptions(**{**values, **fields})


def root(image_format: str = "qcow2") -> DiskFile:
    return DiskFile(role="root", path=f"{FOLDER}/disk", format=image_format)


def extra(role: str, number: int = 0) -> DiskFile:
    name = "disk.swap" if role == "swap" else f"disk.eph{number}"
    return DiskFile(role=role, path=f"{FOLDER}/{name}", format="raw")
