# SPDX-License-Identifier: Apache-2.0
"""From facts to traits with the names that flavors and operators use. Pure."""

from collections.abc import Iterable

from nova_lite.virt.libvirt import wishes
from nova_lite.virt.libvirt.xml.capabilities import EmulatorFacts

# Always true of this driver.
CONSTANT = (
    "COMPUTE_IMAGE_TYPE_QCOW2",
    "COMPUTE_IMAGE_TYPE_RAW",
    "COMPUTE_NET_VIRTIO_PACKED",
    "COMPUTE_NODE",
)
_CPU_FEATURES = {
    "3dnow": "3DNOW",
    "abm": "ABM",
    "aes": "AESNI",
    "avx": "AVX",
    "avx2": "AVX2",
    "avx512-vpopcntdq": "AVX512VPOPCNTDQ",
    "avx512bitalg": "AVX512BITALG",
    "avx512bw": "AVX512BW",
    "avx512cd": "AVX512CD",
    "avx512dq": "AVX512DQ",
    "avx512er": "AVX512ER",
    "avx512f": "AVX512F",
    "avx512ifma": "AVX512IFMA",
    "avx512pf": "AVX512PF",
    "avx512vbmi": "AVX512VBMI",
    "avx512vbmi2": "AVX512VBMI2",
    "avx512vl": "AVX512VL",
    "avx512vnni": "AVX512VNNI",
    "bmi1": "BMI",
    "bmi2": "BMI2",
    "f16c": "F16C",
    "fma": "FMA3",
    "fma4": "FMA4",
    "gfni": "AVX512GFNI",
    "mmx": "MMX",
    "mpx": "MPX",
    "pcid": "PCID",
    "pclmuldq": "CLMUL",
    "pdpe1gb": "PDPE1GB",
    "pni": "SSE3",
    "rtm": "TSX",
    "sha-ni": "SHA",
    "sse": "SSE",
    "sse2": "SSE2",
    "sse4.1": "SSE41",
    "sse4.2": "SSE42",
    "sse4a": "SSE4A",
    "ssse3": "SSSE3",
    "stibp": "STIBP",
    "svm": "SVM",
    "tbm": "TBM",
    "vaes": "AVX512VAES",
    "vmx": "VMX",
    "vpclmulqdq": "AVX512VPCLMULQDQ",
    "xop": "XOP",
}


def traits(
    emulator: EmulatorFacts, features: Iterable[str], arch: str, threads: int, *, limits: bool
) -> list[str]:
    """Of a host: `features` are those that a guest's CPU may have, `threads` per core; `limits`:
    it has control groups, for weights and limits of CPU time."""
    found = set(CONSTANT)
    found |= {_named("STORAGE_BUS", b) for b in emulator.disk_buses if b in wishes.DISK_BUSES}
    found |= {
        _named("GRAPHICS_MODEL", m) for m in emulator.video_models if m in wishes.VIDEO_MODELS
    }
    found |= {_named("NET_VIF_MODEL", model) for model in wishes.VIF_MODELS}
    found |= {_named("SOUND_MODEL", model) for model in wishes.SOUND_MODELS}
    if "efi" in emulator.firmwares:
        found.add("CUSTOM_FIRMWARE_UEFI")
    found |= {f"HW_CPU_X86_{_CPU_FEATURES[f]}" for f in features if f in _CPU_FEATURES}
    found.add(f"HW_ARCH_{arch.upper()}")
    if limits:
        found.add("CUSTOM_CPU_LIMITS")
    if threads > 1:
        found.add("HW_CPU_HYPERTHREADING")
    return sorted(found)


def _named(kind: str, value: str) -> str:
    return f"COMPUTE_{kind}_{value.upper().replace('-', '_')}"
