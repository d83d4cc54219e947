# SPDX-License-Identifier: Apache-2.0
"""Extra specs that have a meaning: their names and values, checked from 2.86 on.

Names in other namespaces, and names without one, are the operator's own and pass.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from nova_lite.domain import errors

Check = Callable[[str], bool]

_TRUTH: Final = frozenset("1 0 t f true false on off y n yes no".split())


def _truth(value: str) -> bool:
    return value.strip().lower() in _TRUTH


def _number(least: int = 0, most: int | None = None) -> Check:
    def check(value: str) -> bool:
        text = value.strip()
        if not re.fullmatch(r"-?[0-9]+", text):
            return False
        return least <= int(text) and (most is None or int(text) <= most)

    return check


def _word(*words: str) -> Check:
    return lambda value: value in words


def _like(pattern: str) -> Check:
    return lambda value: re.fullmatch(pattern, value) is not None


def _any(value: str) -> bool:
    return True


_MASK: Final = r"\^?[0-9]+(-[0-9]+)?(,\^?[0-9]+(-[0-9]+)?)*"

# (pattern of the whole name, check of the value)
KNOWN: Final[tuple[tuple[str, Check], ...]] = (
    (r"hw:cpu_policy", _word("shared", "dedicated", "mixed")),
    (r"hw:cpu_thread_policy", _word("prefer", "isolate", "require")),
    (r"hw:cpu_dedicated_mask", _like(_MASK)),
    (r"hw:cpu_(max_)?(sockets|cores|threads)", _number(1)),
    (r"hw:cpu_realtime", _truth),
    (r"hw:cpu_realtime_mask", _like(r"\^?[0-9].*")),
    (r"hw:emulator_threads_policy", _word("isolate", "share")),
    (r"hw:numa_nodes", _number(1)),
    (r"hw:numa_cpus\.[0-9]+", _like(_MASK)),
    (r"hw:numa_mem\.[0-9]+", _number(1)),
    (r"hw:mem_page_size", _like(r"large|small|any|[0-9]+([kKMGT]i?)?[bB]?")),
    (r"hw:(locked_memory|mem_encryption|boot_menu|vif_multiqueue_enabled|pmu)", _truth),
    (r"hw:(hide_hypervisor_id|virtio_packed_ring|ephemeral_encryption)", _truth),
    (r"hw:mem_encryption_model", _word("amd-sev", "amd-sev-es", "amd-sev-snp", "intel-tdx")),
    (r"hw:pci_numa_affinity_policy", _word("required", "preferred", "legacy", "socket")),
    (r"hw:serial_port_count", _number(0)),
    (r"hw:watchdog_action", _word("disabled", "none", "pause", "poweroff", "reset")),
    (r"hw:tpm_version", _word("1.2", "2.0")),
    (r"hw:tpm_model", _word("tpm-tis", "tpm-crb")),
    (r"hw:tpm_secret_security", _word("user", "host", "deployment")),
    (r"hw:pmem", _any),
    (r"hw:viommu_model", _word("intel", "smmuv3", "virtio", "auto")),
    (r"hw:maxphysaddr_mode", _word("passthrough", "emulate")),
    (r"hw:maxphysaddr_bits", _number(0)),
    (r"hw:sound_model", _any),
    (r"hw:usb_model", _word("none", "nec-xhci", "qemu-xhci")),
    (r"hw:redirected_usb_ports", _number(0, 15)),
    (r"hw:ephemeral_encryption_format", _word("plain", "luks", "luksv2")),
    (r"hw_rng:allowed", _truth),
    (r"hw_rng:rate_(bytes|period)", _number(0)),
    (r"hw_video:ram_max_mb", _number(0)),
    (r"os:secure_boot", _word("required", "disabled", "optional")),
    (r"pci_passthrough:alias", _like(r"[^:]+:[0-9]+(,\s*[^:]+:[0-9]+)*")),
    (r"accel:device_profile", _any),
    (r"quota:[a-z0-9_]+", _any),
    (r"resources[a-zA-Z0-9_-]*:[A-Z0-9_]+", _number(0)),
    (r"trait[a-zA-Z0-9_-]*:[A-Z0-9_]+", _word("required", "forbidden")),
)
_NAMES: Final = tuple((re.compile(pattern), check) for pattern, check in KNOWN)
_NAMESPACE: Final = re.compile(
    r"(hw|hw_rng|hw_video|os|pci_passthrough|accel|quota|resources[^:]*|trait[^:]*):"
)


def check(specs: Mapping[str, str]) -> None:
    """Invalid for the first name or value that cannot be meant."""
    for name, value in specs.items():
        if not _NAMESPACE.match(name):
            continue
        allows = next((allows for names, allows in _NAMES if names.fullmatch(name)), None)
        if allows is None:
            raise errors.Invalid(
                f"Validation failed; extra spec '{name}' does not appear to be a valid extra spec."
            )
        if not allows(value):
            raise errors.Invalid(f"Validation failed; '{value}' is no value of '{name}'.")
