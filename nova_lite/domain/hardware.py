# SPDX-License-Identifier: Apache-2.0
"""What flavors and images ask of a guest's hardware, as traits that a host must have.

So a wish that no host can fulfil is refused where hosts are chosen, with its reason, and not by
a host that has begun to build. Hosts report the traits of what their driver honours. Names are
those that Nova's users know; for what has none there is CUSTOM_.
"""

from collections.abc import Mapping
from typing import Final

_NO: Final = frozenset({"", "0", "false", "no", "off"})
MODEL: Final = "{}"  # in a trait: the value, as traits are written

# In flavors `hw:NAME`, in images `hw_NAME`; the flavor wins. -> trait, values that ask for nothing
_EITHER: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "cpu_policy": ("CUSTOM_CPU_PINNING", frozenset({"shared"})),
    "cpu_dedicated_mask": ("CUSTOM_CPU_PINNING", frozenset()),
    "cpu_thread_policy": ("CUSTOM_CPU_PINNING", frozenset({"prefer"})),
    "cpu_realtime": ("CUSTOM_CPU_REALTIME", _NO),
    "cpu_realtime_mask": ("CUSTOM_CPU_REALTIME", frozenset()),
    "emulator_threads_policy": ("CUSTOM_CPU_PINNING", frozenset()),
    "ephemeral_encryption": ("COMPUTE_EPHEMERAL_ENCRYPTION", _NO),
    "firmware_stateless": ("COMPUTE_SECURITY_STATELESS_FIRMWARE", _NO),
    "firmware_type": ("CUSTOM_FIRMWARE_{}", frozenset({"bios"})),
    "hide_hypervisor_id": ("CUSTOM_HIDDEN_HYPERVISOR", _NO),
    "locked_memory": ("CUSTOM_LOCKED_MEMORY", _NO),
    "maxphysaddr_bits": ("CUSTOM_PHYSICAL_ADDRESS_BITS", frozenset()),
    "maxphysaddr_mode": ("COMPUTE_ADDRESS_SPACE_{}", frozenset()),
    "mem_encryption": ("HW_CPU_X86_AMD_SEV", _NO),
    "mem_page_size": ("CUSTOM_HUGE_PAGES", frozenset({"small"})),
    "numa_nodes": ("CUSTOM_NUMA", frozenset()),
    "pci_numa_affinity_policy": ("CUSTOM_NUMA", frozenset()),
    "pmem": ("CUSTOM_PMEM", frozenset()),
    "redirected_usb_ports": ("CUSTOM_USB_REDIRECTION", frozenset({"0"})),
    "serial_port_count": ("CUSTOM_SERIAL_PORTS", frozenset({"1"})),
    "sound_model": ("COMPUTE_SOUND_MODEL_{}", frozenset()),
    "tpm_model": ("CUSTOM_TPM_MODEL_{}", frozenset()),
    "tpm_version": ("COMPUTE_SECURITY_TPM_{}", frozenset()),
    "usb_model": ("COMPUTE_USB_MODEL_{}", frozenset()),
    "viommu_model": ("COMPUTE_VIOMMU_MODEL_{}", frozenset()),
    "virtio_packed_ring": ("COMPUTE_NET_VIRTIO_PACKED", _NO),
    "watchdog_action": (
        "CUSTOM_WATCHDOG_ACTION_{}",
        frozenset({"disabled", "none", "pause", "poweroff", "reset"}),
    ),
}
_IN_FLAVORS: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "accel:device_profile": ("CUSTOM_ACCELERATORS", frozenset()),
    "os:secure_boot": (
        "COMPUTE_SECURITY_UEFI_SECURE_BOOT",
        frozenset({"disabled", "optional"}),
    ),
    "pci_passthrough:alias": ("CUSTOM_PCI_PASSTHROUGH", frozenset()),
    "quota:cpu_period": ("CUSTOM_CPU_LIMITS", frozenset()),
    "quota:cpu_quota": ("CUSTOM_CPU_LIMITS", frozenset()),
    "quota:cpu_shares": ("CUSTOM_CPU_LIMITS", frozenset()),
}
_IN_IMAGES: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "hw_cdrom_bus": ("COMPUTE_STORAGE_BUS_{}", frozenset()),
    "hw_disk_bus": ("COMPUTE_STORAGE_BUS_{}", frozenset()),
    "hw_emulation_architecture": ("COMPUTE_ARCH_{}", frozenset()),
    "hw_input_bus": ("CUSTOM_INPUT_BUS_{}", frozenset({"usb", "virtio"})),
    "hw_pointer_model": ("CUSTOM_POINTER_MODEL_{}", frozenset({"usbtablet", "ps2mouse"})),
    "hw_rng_model": ("CUSTOM_RNG_MODEL_{}", frozenset({"virtio"})),
    "hw_scsi_model": ("CUSTOM_SCSI_MODEL_{}", frozenset({"virtio-scsi"})),
    "hw_video_model": ("COMPUTE_GRAPHICS_MODEL_{}", frozenset({"none"})),
    "hw_vif_model": ("COMPUTE_NET_VIF_MODEL_{}", frozenset()),
    "img_hide_hypervisor_id": ("CUSTOM_HIDDEN_HYPERVISOR", _NO),
    "os_secure_boot": (
        "COMPUTE_SECURITY_UEFI_SECURE_BOOT",
        frozenset({"disabled", "optional"}),
    ),
}

# `hw:numa_cpus.0` and the like
_NUMBERED: Final = ("numa_cpus.", "numa_mem.")


def traits(specs: Mapping[str, str], properties: Mapping[str, str]) -> set[str]:
    """Those that a host must have for a flavor's extra specs and an image's properties."""
    found = set()
    for name, row in _EITHER.items():
        found |= _trait(row, specs.get(f"hw:{name}") or properties.get(f"hw_{name}"))
    for key, row in _IN_FLAVORS.items():
        found |= _trait(row, specs.get(key))
    for key, row in _IN_IMAGES.items():
        found |= _trait(row, properties.get(key))
    if any(key.startswith(f"hw:{name}") for key in specs for name in _NUMBERED) or any(
        key.startswith(f"hw_{name}") for key in properties for name in _NUMBERED
    ):
        found.add("CUSTOM_NUMA")
    return found


def named(pattern: str, value: str) -> str:
    """The trait of a model: COMPUTE_NET_VIF_MODEL_{} and e1000 give ..._E1000."""
    word = "".join(c if c.isascii() and c.isalnum() else "_" for c in value.upper())
    return pattern.replace(MODEL, word)


def _trait(row: tuple[str, frozenset[str]], value: str | None) -> set[str]:
    pattern, harmless = row
    if value is None or value.lower() in harmless:
        return set()
    return {named(pattern, value)}
