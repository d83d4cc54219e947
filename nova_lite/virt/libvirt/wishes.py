# SPDX-License-Identifier: Apache-2.0
"""What flavor and image ask of a guest's hardware: what can be honoured, and what cannot. Pure.

Most wishes have two spellings: `hw:NAME` in the flavor and `hw_NAME` in the image. The
flavor wins. A wish that changes hardware and cannot be honoured is an objection, never ignored.
"""

from collections.abc import Iterator, Mapping

from nova_lite.domain.instance import Instance
from nova_lite.virt.libvirt.guestspec import TopologySpec, TuneSpec

DISK_BUSES = ("virtio", "scsi", "sata", "ide", "usb")
VIF_MODELS = ("virtio", "e1000", "e1000e", "rtl8139", "ne2k_pci", "pcnet")
VIDEO_MODELS = ("virtio", "vga", "qxl", "cirrus", "bochs", "none")
POINTERS = ("usbtablet", "ps2mouse")
INPUT_BUSES = ("usb", "virtio")
MAX_VCPUS = 65535

_NO = frozenset({"false", "no", "0", "off"})
_YES = frozenset({"true", "yes", "1", "on"})

# Wishes that cannot be honoured here yet -> the values that ask for nothing. Both spellings.
_NOT_YET: dict[str, frozenset[str]] = {
    "boot_menu": _NO,
    "cpu_dedicated_mask": frozenset(),
    "cpu_policy": frozenset({"shared"}),
    "cpu_realtime": _NO,
    "cpu_realtime_mask": frozenset(),
    "cpu_thread_policy": frozenset({"prefer"}),
    "emulator_threads_policy": frozenset(),
    "ephemeral_encryption": _NO,
    "firmware_stateless": _NO,
    "firmware_type": frozenset({"bios"}),
    "hide_hypervisor_id": _NO,
    "locked_memory": _NO,
    "maxphysaddr_bits": frozenset(),
    "maxphysaddr_mode": frozenset(),
    "mem_encryption": _NO,
    "mem_page_size": frozenset({"small"}),
    "numa_nodes": frozenset(),
    "pci_numa_affinity_policy": frozenset(),
    "pmem": frozenset(),
    "redirected_usb_ports": frozenset({"0"}),
    "serial_port_count": frozenset({"1"}),
    "sound_model": frozenset(),
    "tpm_model": frozenset(),
    "tpm_version": frozenset(),
    "usb_model": frozenset(),
    "vif_multiqueue_enabled": _NO,
    "viommu_model": frozenset(),
    "virtio_packed_ring": _NO,
    "watchdog_action": frozenset({"disabled"}),
}
_NOT_YET_IN_FLAVORS: dict[str, frozenset[str]] = {
    "accel:device_profile": frozenset(),
    "os:secure_boot": frozenset({"disabled", "optional"}),
    "pci_passthrough:alias": frozenset(),
}
_NOT_YET_IN_IMAGES: dict[str, frozenset[str]] = {
    "hw_emulation_architecture": frozenset(),
    "img_hide_hypervisor_id": _NO,
    "os_command_line": frozenset({""}),
    "os_secure_boot": frozenset({"disabled", "optional"}),
}
_NOT_YET_PREFIXES = ("quota:disk_", "quota:vif_", "hw:numa_cpus.", "hw:numa_mem.")
_CHOICES = {
    "hw_disk_bus": DISK_BUSES,
    "hw_vif_model": VIF_MODELS,
    "hw_video_model": VIDEO_MODELS,
    "hw_pointer_model": POINTERS,
    "hw_input_bus": INPUT_BUSES,
    "hw_scsi_model": ("virtio-scsi",),
    "hw_rng_model": ("virtio",),
    "hw_vm_mode": ("hvm",),
}
_NUMBERS_IN_FLAVORS = ("hw_rng:rate_bytes", "hw_rng:rate_period", "quota:cpu_shares")
_QUOTA_NUMBERS = ("quota:cpu_period", "quota:cpu_quota")


def objections(instance: Instance, arch: str) -> list[str]:
    """Everything that is asked for and cannot be had on a host of this architecture."""
    specs, properties = instance.flavor.extra_specs, instance.image_properties
    found = [
        *_not_yet(specs, properties),
        *_choices(properties),
        *_numbers(specs, properties),
        *_of_instance(instance, arch),
    ]
    try:
        topology(instance)
    except ValueError as error:
        found.append(str(error))
    return found


def _not_yet(specs: Mapping[str, str], properties: Mapping[str, str]) -> Iterator[str]:
    in_flavor = {f"hw:{name}": harmless for name, harmless in _NOT_YET.items()}
    in_image = {f"hw_{name}": harmless for name, harmless in _NOT_YET.items()}
    for key, value in sorted(specs.items()):
        harmless = {**in_flavor, **_NOT_YET_IN_FLAVORS}.get(key)
        if key.startswith(_NOT_YET_PREFIXES):
            harmless = frozenset()
        if harmless is not None and value.lower() not in harmless:
            yield f"the flavor's extra spec {key}={value} is not supported by this host"
    for key, value in sorted(properties.items()):
        harmless = {**in_image, **_NOT_YET_IN_IMAGES}.get(key)
        if key.startswith(("hw_numa_cpus.", "hw_numa_mem.")):
            harmless = frozenset()
        if harmless is not None and value.lower() not in harmless:
            yield f"the image property {key}={value} is not supported by this host"


def _choices(properties: Mapping[str, str]) -> Iterator[str]:
    for key, choices in _CHOICES.items():
        value = properties.get(key)
        if value is not None and value not in choices:
            yield f"the image property {key}={value} is none of {', '.join(choices)}"


def _numbers(specs: Mapping[str, str], properties: Mapping[str, str]) -> Iterator[str]:
    for key in _NUMBERS_IN_FLAVORS:
        if key in specs and _whole(specs[key]) is None:
            yield f"the flavor's extra spec {key}={specs[key]} is not a positive number"
    for key in _QUOTA_NUMBERS:
        if key in specs and not 1000 <= (_whole(specs[key]) or 0) <= 18446744073709551:
            yield f"the flavor's extra spec {key}={specs[key]} is not a number from 1000"
    wanted = properties.get("hw_video_ram")
    if wanted is not None:
        allowed = _whole(specs.get("hw_video:ram_max_mb", "0")) or 0
        if (_whole(wanted) or allowed + 1) > allowed:
            yield f"the image property hw_video_ram={wanted} exceeds the flavor's {allowed} MiB"


def _of_instance(instance: Instance, arch: str) -> Iterator[str]:
    wanted = instance.image_properties.get("hw_architecture", arch)
    if wanted not in (arch, "i686" if arch == "x86_64" else arch):
        yield f"the image is for {wanted}, this host is {arch}"
    if instance.config_drive:
        yield "a config drive is not supported yet"
    if instance.kernel_id or instance.ramdisk_id:
        yield "an image with a kernel of its own (kernel_id) is not supported yet"
    if instance.trusted_certs:
        yield "verification by trusted image certificates is not supported yet"
    if any(device.destination_type == "volume" for device in instance.block_devices):
        yield "volumes are not supported yet"


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 1 << 62 else None


# --- single wishes ------------------------------------------------------------------------


def either(instance: Instance, name: str) -> str | None:
    """A wish by its name, from the flavor's `hw:` or the image's `hw_`."""
    return instance.flavor.extra_specs.get(f"hw:{name}") or instance.image_properties.get(
        f"hw_{name}"
    )


def flag(text: str | None) -> bool | None:
    """True or False for a word that says so, None for anything else."""
    word = (text or "").lower()
    return True if word in _YES else False if word in _NO else None


def tune(instance: Instance) -> TuneSpec:
    """CPU shares and quota, from the flavor."""
    specs = instance.flavor.extra_specs
    values = {
        name: int(specs[f"quota:cpu_{name}"])
        for name in ("shares", "period", "quota")
        if f"quota:cpu_{name}" in specs
    }
    return TuneSpec(**values)


def topology(instance: Instance) -> TopologySpec | None:
    """How the vCPUs are arranged, None when nobody asks. ValueError when it cannot be."""
    vcpus = instance.flavor.vcpus
    wanted = {part: _count(instance, f"cpu_{part}") for part in ("sockets", "cores", "threads")}
    most = {part: _count(instance, f"cpu_max_{part}") or MAX_VCPUS for part in wanted}
    if not any(wanted.values()) and all(limit == MAX_VCPUS for limit in most.values()):
        return None
    possible = [
        found
        for found in _arrangements(vcpus)
        if all(getattr(found, part) <= most[part] for part in wanted)
    ]
    if not possible:
        raise ValueError(f"{vcpus} vCPUs fit no topology within the limits of flavor and image")
    # The most wishes kept, then as many sockets as can be, then cores.
    return max(
        possible,
        key=lambda t: (
            sum(getattr(t, part) == number for part, number in wanted.items()),
            t.sockets,
            t.cores,
        ),
    )


def _count(instance: Instance, name: str) -> int | None:
    text = either(instance, name)
    if text is None:
        return None
    number = _whole(text)
    if number is None:
        raise ValueError(f"hw:{name}={text} is not a positive number")
    return number


def _arrangements(vcpus: int) -> Iterator[TopologySpec]:
    for sockets in range(1, vcpus + 1):
        if vcpus % sockets:
            continue
        for cores in range(1, vcpus // sockets + 1):
            if (vcpus // sockets) % cores == 0:
                threads = vcpus // sockets // cores
                yield TopologySpec(sockets=sockets, cores=cores, threads=threads)
