# SPDX-License-Identifier: Apache-2.0
"""Disks and network interfaces of a server, asked for and attached."""

from typing import Any

import msgspec


class NetworkWish(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `networks` in a create request."""

    uuid: str | None = None
    port: str | None = None
    fixed_ip: str | None = None
    tag: str | None = None


class BlockDeviceWish(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of `block_device_mapping_v2`; volume_size in GiB."""

    source_type: str
    destination_type: str | None = None
    uuid: str | None = None
    boot_index: int | None = None
    volume_size: int | None = None
    volume_type: str | None = None
    delete_on_termination: bool = False
    device_name: str | None = None
    device_type: str | None = None
    disk_bus: str | None = None
    guest_format: str | None = None
    no_device: bool = False
    tag: str | None = None


class BlockDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A disk of a server, as stored. `connection_info` has Cinder's attachment shape."""

    uuid: str
    instance_uuid: str
    source_type: str
    destination_type: str
    boot_index: int | None = None
    device_name: str | None = None
    device_type: str | None = None
    disk_bus: str | None = None
    guest_format: str | None = None
    volume_id: str | None = None
    snapshot_id: str | None = None
    image_id: str | None = None
    volume_size: int | None = None
    volume_type: str | None = None
    delete_on_termination: bool = False
    tag: str | None = None
    attachment_id: str | None = None
    connection_info: dict[str, Any] | None = None


class FixedIp(msgspec.Struct, frozen=True, kw_only=True):
    address: str
    version: int = 4
    subnet_id: str | None = None
    floating_ips: list[str] = []


class VifSubnet(msgspec.Struct, frozen=True, kw_only=True):
    """What a guest has to know of a subnet; routes are (destination, next hop). address_mode:
    of IPv6, where it is known: slaac, dhcpv6-stateful or dhcpv6-stateless."""

    id: str
    cidr: str
    version: int = 4
    gateway: str | None = None
    dns: list[str] = []
    routes: list[tuple[str, str]] = []
    dhcp: bool = True
    address_mode: str | None = None


class DeviceAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a guest has a device: an interface, which `mac` names, or a disk, which the uuid of
    its `block_device` does. bus: pci, scsi, ide, usb or none; `address` is that of the bus, none
    where there is none. `path`: what the disk is called in the guest, as far as one can tell."""

    bus: str = "none"
    address: str = "none"
    mac: str = ""
    block_device: str = ""
    path: str = ""


class Vif(msgspec.Struct, frozen=True, kw_only=True):
    """A network interface. `vif_type` says how the host plugs it: user, bridge, ovs, none.

    `details` is what the binding gave for plugging (bridge name, datapath, ...).
    """

    port_id: str
    network_id: str
    mac: str
    label: str = ""
    vif_type: str = "none"
    vnic_type: str = "normal"
    fixed_ips: list[FixedIp] = []
    details: dict[str, Any] = {}
    devname: str | None = None
    active: bool = True
    mtu: int | None = None
    tag: str | None = None
    preexisting: bool = False
    subnets: list[VifSubnet] = []
