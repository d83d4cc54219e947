# SPDX-License-Identifier: Apache-2.0
"""A guest as libvirt is told to make it: values, complete, with every choice made."""

import msgspec

from nova_lite.domain.topology import Topology


class DiskFile(msgspec.Struct, frozen=True, kw_only=True):
    """A disk of a guest on this host. role: root, ephemeral, swap, config or rescue; format:
    qcow2 or raw; device: disk or cdrom; bus None: that of the disks of the server."""

    role: str
    path: str
    format: str
    device: str = "disk"
    bus: str | None = None


class DiskSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A disk as the guest has it: `target` is its name (vda, sda, hda) on `bus`. `limits`: as
    libvirt's <iotune> names them, bytes and operations a second. `packed`: packed virtqueues."""

    path: str
    format: str
    target: str
    bus: str
    cache: str
    boot_order: int | None = None
    limits: dict[str, int] = {}
    packed: bool = False
    device: str = "disk"


class InterfaceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """kind: user (QEMU's own NAT) or bridge (with `bridge` and `device`, the host's ends).
    `inbound` and `outbound`: average and peak in KiB a second, burst in KiB. `queues`: of a
    virtio interface, None for one."""

    kind: str
    mac: str
    model: str
    bridge: str | None = None
    device: str | None = None
    mtu: int | None = None
    inbound: dict[str, int] = {}
    outbound: dict[str, int] = {}
    queues: int | None = None
    packed: bool = False


class CpuSpec(msgspec.Struct, frozen=True, kw_only=True):
    """mode None: whatever the hypervisor gives. features: name -> require or disable."""

    mode: str | None = None
    model: str | None = None
    features: dict[str, str] = {}
    topology: Topology | None = None


class TuneSpec(msgspec.Struct, frozen=True, kw_only=True):
    """CPU time: relative weight, and microseconds of each period per vCPU."""

    shares: int | None = None
    period: int | None = None
    quota: int | None = None


class RngSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes of randomness for each period (milliseconds); None: no limit."""

    device: str
    rate_bytes: int | None = None
    rate_period: int | None = None


class VideoSpec(msgspec.Struct, frozen=True, kw_only=True):
    """vram in KiB."""

    model: str
    vram: int | None = None


class OwnerSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What is written into the guest's metadata: whose it is, so that others' are left alone.

    `host` is the compute service that made it; several may share one libvirt.
    """

    uuid: str
    host: str
    name: str = ""
    flavor: str = ""
    user_id: str = ""
    project_id: str = ""
    image_id: str | None = None


class GuestSpec(msgspec.Struct, frozen=True, kw_only=True):
    """virt_type: kvm or qemu. memory_mb in MiB. vnc_listen, spice_listen None: no such screen
    over the network. serial: (address, port) where the serial port is reached by TCP, if at all.
    pointer: (type, bus) of the pointing device. timers: name -> attributes. uefi: that firmware,
    without secure boot, else BIOS. watchdog: what is done when it bites. sound: the card's model.
    pcie_ports: ports of PCI Express, 0: as many as libvirt thinks right.
    """

    virt_type: str
    arch: str
    machine: str
    name: str
    owner: OwnerSpec
    memory_mb: int
    vcpus: int
    version: str
    disks: list[DiskSpec]
    console_log: str
    cpu: CpuSpec = CpuSpec()
    tune: TuneSpec = TuneSpec()
    interfaces: list[InterfaceSpec] = []
    pcie_ports: int = 0
    clock: str = "utc"
    timers: dict[str, dict[str, str]] = {}
    pmu: bool | None = None
    vnc_listen: str | None = None
    spice_listen: str | None = None
    spice_agent: bool = False
    serial: tuple[str, int] | None = None
    video: VideoSpec | None = None
    pointer: tuple[str, str] | None = None
    rng: RngSpec | None = None
    balloon_period: int = 0
    agent: bool = True
    uefi: bool = False
    boot_menu: bool | None = None
    watchdog: str | None = None
    sound: str | None = None
