# SPDX-License-Identifier: Apache-2.0
"""From a server and its disks to a GuestSpec. Pure: the same values give the same guest."""

from collections.abc import Sequence

import msgspec

from nova_lite.domain.devices import Vif
from nova_lite.domain.instance import Instance
from nova_lite.virt.libvirt import wishes
from nova_lite.virt.libvirt.guestspec import (
    CpuSpec,
    DiskFile,
    DiskSpec,
    GuestSpec,
    InterfaceSpec,
    OwnerSpec,
    RngSpec,
    VideoSpec,
)

DEFAULT_MACHINES = {"x86_64": "pc", "i686": "pc", "aarch64": "virt"}
PC = ("x86_64", "i686")
TAP_NAME = 14  # characters of a device name of Linux that we use
# The letters before a disk's number, and how many there can be, by bus.
_PREFIXES = {
    "virtio": ("vd", 26),
    "scsi": ("sd", 26),
    "sata": ("sd", 6),
    "usb": ("sd", 26),
    "ide": ("hd", 4),
}


class HostOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the host's configuration decides. `machines`: architecture -> machine type;
    `firmwares`: bios, efi; `cache`: how QEMU opens disk files; `vnc_listen` and
    `spice_listen` None: no such screen; `serial_listen` None: serial ports cannot be reached."""

    host: str
    virt_type: str
    arch: str
    version: str = ""
    cpu_mode: str | None = None
    cpu_model: str | None = None
    cpu_features: dict[str, str] = {}
    machines: dict[str, str] = {}
    pcie_ports: int = 0
    cache: str = "none"
    vnc_listen: str | None = None
    spice_listen: str | None = None
    spice_agent: bool = False
    serial_listen: str | None = None
    serial_ports: tuple[int, int] = (0, 0)
    pointer: str = ""
    rng_device: str = "/dev/urandom"
    firmwares: list[str] = []
    balloon_period: int = 10


class SpecError(Exception):
    """The guest cannot be made as asked; str() says why, in one line."""


def build(
    instance: Instance,
    disks: Sequence[DiskFile],
    console_log: str,
    options: HostOptions,
    machine: str | None = None,
    serial_port: int | None = None,
) -> GuestSpec:
    """The guest. `machine`: the machine type that it had before; `serial_port`: the TCP port of
    its serial port. Raises SpecError."""
    found = wishes.objections(instance, options.arch)
    if found:
        raise SpecError("; ".join(found))
    properties = instance.image_properties
    uefi = wishes.either(instance, "firmware_type") == "uefi"
    if uefi and "efi" not in options.firmwares:
        raise SpecError("this host has no UEFI firmware for guests (Debian: apt-get install ovmf)")
    watchdog = wishes.either(instance, "watchdog_action")
    machine = machine or machine_type(instance, options)
    video = _video(instance, options)
    return GuestSpec(
        virt_type=options.virt_type,
        arch=options.arch,
        machine=machine,
        pcie_ports=options.pcie_ports if _has_pcie(machine) else 0,
        name=instance.guest_name or instance.uuid,
        owner=_owner(instance, options.host),
        memory_mb=instance.flavor.memory_mb,
        vcpus=instance.flavor.vcpus,
        version=options.version,
        disks=_disks(instance, disks, options.cache),
        console_log=console_log,
        cpu=_cpu(instance, options),
        tune=wishes.tune(instance),
        interfaces=[i for vif in instance.vifs if (i := interface(vif, instance)) is not None],
        clock="localtime" if properties.get("os_type") == "windows" else "utc",
        timers=_timers(instance, options),
        pmu=wishes.flag(wishes.either(instance, "pmu")),
        vnc_listen=options.vnc_listen,
        spice_listen=options.spice_listen,
        spice_agent=options.spice_agent,
        serial=_serial(options, serial_port),
        video=video,
        pointer=_pointer(instance, options) if video else None,
        rng=_rng(instance, options),
        balloon_period=options.balloon_period,
        agent=wishes.flag(properties.get("hw_qemu_guest_agent")) is not False,
        uefi=uefi,
        boot_menu=wishes.flag(wishes.either(instance, "boot_menu")),
        watchdog=None if watchdog == "disabled" else watchdog,
        sound=wishes.either(instance, "sound_model"),
    )


def machine_type(instance: Instance, options: HostOptions) -> str:
    """The image's wish, else the host's configuration, else what suits the architecture."""
    return (
        instance.image_properties.get("hw_machine_type")
        or options.machines.get(options.arch)
        or DEFAULT_MACHINES.get(options.arch, "virt")
    )


def _has_pcie(machine: str) -> bool:
    return "q35" in machine or machine.startswith("virt")


def cdrom_bus(instance: Instance, machine: str, options: HostOptions) -> str:
    """Where a CD drive of the server is put: as the image wishes, else what suits the machine."""
    wanted = instance.image_properties.get("hw_cdrom_bus")
    if wanted:
        return wanted
    if options.arch not in PC:
        return "scsi"
    return "sata" if "q35" in machine else "ide"


def _owner(instance: Instance, host: str) -> OwnerSpec:
    return OwnerSpec(
        uuid=instance.uuid,
        host=host,
        name=instance.display_name,
        flavor=instance.flavor.name,
        user_id=instance.user_id,
        project_id=instance.project_id,
        image_id=instance.image_ref,
    )


def _disks(instance: Instance, disks: Sequence[DiskFile], cache: str) -> list[DiskSpec]:
    bus = instance.image_properties.get("hw_disk_bus", "virtio")
    blanks = [d for d in instance.block_devices if d.source_type == "blank"]
    ephemeral = iter([d.disk_bus for d in blanks if d.guest_format != "swap"])
    swap = iter([d.disk_bus for d in blanks if d.guest_format == "swap"])
    own = {"ephemeral": ephemeral, "swap": swap}
    used: dict[str, int] = {}
    made = []
    boots = "rescue" if any(disk.role == "rescue" for disk in disks) else "root"
    for disk in disks:
        chosen = disk.bus or next(own.get(disk.role, iter(())), None) or bus
        if chosen not in _PREFIXES:
            raise SpecError(f"disk bus {chosen} is none of {', '.join(_PREFIXES)}")
        made.append(
            DiskSpec(
                path=disk.path,
                format=disk.format,
                target=_target(chosen, used),
                bus=chosen,
                cache=cache,
                boot_order=1 if disk.role == boots else None,
                limits=wishes.disk_limits(instance) if disk.role != "config" else {},
                packed=chosen == "virtio" and _packed(instance),
                device=disk.device,
            )
        )
    return made


def _target(bus: str, used: dict[str, int]) -> str:
    prefix, most = _PREFIXES[bus]
    number = used.get(prefix, 0)
    if number >= most:
        raise SpecError(f"there is no room for more than {most} disks on the bus {bus}")
    used[prefix] = number + 1
    return prefix + "abcdefghijklmnopqrstuvwxyz"[number]


def interface(vif: Vif, instance: Instance) -> InterfaceSpec | None:
    """How an interface is plugged; None for one that is not. Raises SpecError."""
    model = instance.image_properties.get("hw_vif_model", "virtio")
    if vif.vif_type == "none":
        return None
    if vif.vif_type == "user":
        packed = model == "virtio" and _packed(instance)
        return InterfaceSpec(kind="user", mac=vif.mac, model=model, packed=packed)
    if vif.vif_type == "bridge":
        bridge = vif.details.get("bridge_name") or vif.details.get("bridge")
        if not bridge:
            raise SpecError(f"the binding of port {vif.port_id} names no bridge")
        device = vif.devname or f"tap{vif.port_id}"[:TAP_NAME]
        virtio = model == "virtio"
        return InterfaceSpec(
            kind="bridge",
            mac=vif.mac,
            model=model,
            bridge=bridge,
            device=device,
            mtu=vif.mtu,
            inbound=wishes.vif_limits(instance, "inbound"),
            outbound=wishes.vif_limits(instance, "outbound"),
            queues=wishes.queues(instance) if virtio else None,
            packed=virtio and _packed(instance),
        )
    raise SpecError(f"an interface of type {vif.vif_type} (port {vif.port_id}) is not supported")


def _serial(options: HostOptions, port: int | None) -> tuple[str, int] | None:
    if options.serial_listen is None or port is None:
        return None
    return options.serial_listen, port


def _packed(instance: Instance) -> bool:
    return wishes.flag(wishes.either(instance, "virtio_packed_ring")) is True


def _cpu(instance: Instance, options: HostOptions) -> CpuSpec:
    mode = None if options.cpu_mode == "none" else options.cpu_mode
    if mode is None and options.cpu_mode is None and options.virt_type == "kvm":
        mode = "host-model"
    return CpuSpec(
        mode=mode,
        model=options.cpu_model if mode == "custom" else None,
        features=options.cpu_features if mode is not None else {},
        topology=wishes.topology(instance),
    )


def _timers(instance: Instance, options: HostOptions) -> dict[str, dict[str, str]]:
    if options.arch not in PC:
        return {}
    timers = {"hpet": {"present": "no"}}
    if wishes.flag(instance.image_properties.get("hw_time_hpet")):
        timers["hpet"]["present"] = "yes"
    if options.virt_type == "kvm":
        timers |= {"pit": {"tickpolicy": "delay"}, "rtc": {"tickpolicy": "catchup"}}
    return timers


def _video(instance: Instance, options: HostOptions) -> VideoSpec | None:
    model = instance.image_properties.get("hw_video_model")
    if model is None:
        usual = "vga" if options.arch in PC else "virtio"
        seen = options.vnc_listen is not None or options.spice_listen is not None
        model = usual if seen else "none"
    if model == "none":
        return None
    ram = instance.image_properties.get("hw_video_ram")
    return VideoSpec(model=model, vram=int(ram) * 1024 if ram else None)


def _pointer(instance: Instance, options: HostOptions) -> tuple[str, str] | None:
    properties = instance.image_properties
    if properties.get("hw_pointer_model", options.pointer) != "usbtablet":
        return None
    return ("tablet", properties.get("hw_input_bus", "usb"))


def _rng(instance: Instance, options: HostOptions) -> RngSpec | None:
    specs = instance.flavor.extra_specs
    if wishes.flag(specs.get("hw_rng:allowed")) is False:
        return None
    rate = specs.get("hw_rng:rate_bytes")
    period = specs.get("hw_rng:rate_period")
    return RngSpec(
        device=options.rng_device,
        rate_bytes=int(rate) if rate else None,
        rate_period=int(period) if period and rate else None,
    )
