# SPDX-License-Identifier: Apache-2.0
"""What flavor and image ask of a guest's hardware: what can be honoured, and what cannot. Pure.

Most wishes have two spellings: `hw:NAME` in the flavor and `hw_NAME` in the image. The
flavor wins. A wish that changes hardware and cannot be honoured is an objection, never ignored.
"""

import re
from collections.abc import Iterator, Mapping

from nova_lite.domain.instance import Instance
from nova_lite.domain.topology import Topology, arrange
from nova_lite.virt.libvirt.guestspec import TuneSpec

DISK_BUSES = ("virtio", "scsi", "sata", "ide", "usb")
CDROM_BUSES = ("scsi", "sata", "ide", "usb")
VIF_MODELS = ("virtio", "e1000", "e1000e", "rtl8139", "ne2k_pci", "pcnet")
VIDEO_MODELS = ("virtio", "vga", "qxl", "cirrus", "bochs", "none")
SOUND_MODELS = ("sb16", "es1370", "pcspk", "ac97", "ich6", "ich9", "usb")
POINTERS = ("usbtablet", "ps2mouse")
INPUT_BUSES = ("usb", "virtio")
MAX_QUEUES = 256  # what Linux gives to one tap device

_NO = frozenset({"false", "no", "0", "off"})
_YES = frozenset({"true", "yes", "1", "on"})

# Wishes that cannot be honoured here yet -> the values that ask for nothing. Both spellings.
_NOT_YET: dict[str, frozenset[str]] = {
    "cpu_dedicated_mask": frozenset(),
    "cpu_policy": frozenset({"shared"}),
    "cpu_realtime": _NO,
    "cpu_realtime_mask": frozenset(),
    "cpu_thread_policy": frozenset({"prefer"}),
    "emulator_threads_policy": frozenset(),
    "ephemeral_encryption": _NO,
    "firmware_stateless": _NO,
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
    "tpm_model": frozenset(),
    "tpm_version": frozenset(),
    "usb_model": frozenset(),
    "viommu_model": frozenset(),
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
_NOT_YET_PREFIXES = ("hw:numa_cpus.", "hw:numa_mem.")
_CHOICES = {
    "hw_disk_bus": DISK_BUSES,
    "hw_cdrom_bus": CDROM_BUSES,
    "hw_vif_model": VIF_MODELS,
    "hw_video_model": VIDEO_MODELS,
    "hw_pointer_model": POINTERS,
    "hw_input_bus": INPUT_BUSES,
    "hw_scsi_model": ("virtio-scsi",),
    "hw_rng_model": ("virtio",),
    "hw_vm_mode": ("hvm",),
}
_CHOICES_OF_BOTH = {
    "firmware_type": ("bios", "uefi"),
    "sound_model": SOUND_MODELS,
    "watchdog_action": ("disabled", "none", "pause", "poweroff", "reset"),
}
# Limits of disks and interfaces: the extra spec without its prefix.
_DISK_LIMIT = re.compile(r"(total|read|write)_(bytes|iops)_sec(_max|_max_length)?")
_VIF_LIMIT = re.compile(r"(inbound|outbound)_(average|peak|burst)")
_NUMBERS_IN_FLAVORS = ("hw_rng:rate_bytes", "hw_rng:rate_period", "quota:cpu_shares")
_QUOTA_NUMBERS = ("quota:cpu_period", "quota:cpu_quota")


def objections(instance: Instance, arch: str) -> list[str]:
    """Everything that is asked for and cannot be had on a host of this architecture."""
    specs, properties = instance.flavor.extra_specs, instance.image_properties
    found = [
        *_not_yet(specs, properties),
        *_choices(properties),
        *_choices_of_both(instance),
        *_numbers(specs, properties),
        *_limits(instance),
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


def _choices_of_both(instance: Instance) -> Iterator[str]:
    for name, choices in _CHOICES_OF_BOTH.items():
        value = either(instance, name)
        if value is not None and value not in choices:
            yield f"{name}={value} is none of {', '.join(choices)}"


def _limits(instance: Instance) -> Iterator[str]:
    """Of disks and interfaces: what is no limit, or cannot be kept."""
    specs = instance.flavor.extra_specs
    for prefix, pattern in (("quota:disk_", _DISK_LIMIT), ("quota:vif_", _VIF_LIMIT)):
        for key, value in sorted(specs.items()):
            if not key.startswith(prefix):
                continue
            if not pattern.fullmatch(key.removeprefix(prefix)):
                yield f"the flavor's extra spec {key}={value} is not supported by this host"
            elif _whole(value) is None:
                yield f"the flavor's extra spec {key}={value} is not a positive number"
    for unit in ("bytes", "iops"):
        total = f"quota:disk_total_{unit}_sec"
        parts = [f"quota:disk_{side}_{unit}_sec" for side in ("read", "write")]
        if total in specs and any(part in specs for part in parts):
            yield f"{total} cannot be had together with a limit for reading or writing alone"
    for side in ("inbound", "outbound"):
        given = [key for key in specs if key.startswith(f"quota:vif_{side}_")]
        if given and f"quota:vif_{side}_average" not in specs:
            yield f"{given[0]} needs quota:vif_{side}_average"
    limited = any(key.startswith("quota:vif_") for key in specs)
    if limited and any(vif.vif_type == "user" for vif in instance.vifs):
        yield "interfaces in user mode cannot be limited (quota:vif_*)"


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


def disk_limits(instance: Instance) -> dict[str, int]:
    """As libvirt names them: read_bytes_sec, total_iops_sec_max, ..."""
    specs, prefix = instance.flavor.extra_specs, "quota:disk_"
    return {
        key.removeprefix(prefix): int(value)
        for key, value in sorted(specs.items())
        if key.startswith(prefix)
    }


def vif_limits(instance: Instance, side: str) -> dict[str, int]:
    """average, peak and burst of `side` (inbound: towards the guest; or outbound)."""
    specs, prefix = instance.flavor.extra_specs, f"quota:vif_{side}_"
    return {
        key.removeprefix(prefix): int(value)
        for key, value in sorted(specs.items())
        if key.startswith(prefix)
    }


def queues(instance: Instance) -> int | None:
    """Queues of a virtio interface: one for each vCPU where they are wanted."""
    wanted = flag(either(instance, "vif_multiqueue_enabled"))
    return min(instance.flavor.vcpus, MAX_QUEUES) if wanted and instance.flavor.vcpus > 1 else None


def topology(instance: Instance) -> Topology | None:
    """How the vCPUs are arranged, None when nobody asks. ValueError when it cannot be."""
    flavor = instance.flavor
    return arrange(flavor.vcpus, flavor.extra_specs, instance.image_properties)
