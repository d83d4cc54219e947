# SPDX-License-Identifier: Apache-2.0
"""Which traits a host must have for what flavors and images ask of a guest's hardware."""

import pytest

from nova_lite.domain import hardware


@pytest.mark.parametrize(
    ("specs", "properties", "traits"),
    [
        ({}, {}, set()),
        ({"hw:cpu_policy": "dedicated"}, {}, {"CUSTOM_CPU_PINNING"}),
        ({"hw:cpu_policy": "shared"}, {}, set()),
        ({}, {"hw_cpu_policy": "dedicated"}, {"CUSTOM_CPU_PINNING"}),
        ({"hw:cpu_policy": "shared"}, {"hw_cpu_policy": "dedicated"}, set()),
        ({}, {"hw_firmware_type": "uefi"}, {"CUSTOM_FIRMWARE_UEFI"}),
        ({}, {"hw_firmware_type": "bios"}, set()),
        ({}, {"hw_vif_model": "e1000"}, {"COMPUTE_NET_VIF_MODEL_E1000"}),
        ({}, {"hw_video_model": "none"}, set()),
        ({"hw:tpm_version": "2.0"}, {}, {"COMPUTE_SECURITY_TPM_2_0"}),
        ({"hw:virtio_packed_ring": "True"}, {}, {"COMPUTE_NET_VIRTIO_PACKED"}),
        ({"hw:virtio_packed_ring": "False"}, {}, set()),
        ({"os:secure_boot": "required"}, {}, {"COMPUTE_SECURITY_UEFI_SECURE_BOOT"}),
        ({"hw:sound_model": "a b"}, {}, {"COMPUTE_SOUND_MODEL_A_B"}),
        ({"hw:serial_port_count": "2"}, {}, {"CUSTOM_SERIAL_PORTS"}),
        ({"hw:serial_port_count": "1"}, {}, set()),
        ({"hw:numa_cpus.0": "1"}, {}, {"CUSTOM_NUMA"}),
        ({}, {"hw_numa_mem.1": "1"}, {"CUSTOM_NUMA"}),
        ({"hw:watchdog_action": "reset"}, {}, set()),
        ({"hw:watchdog_action": "bark"}, {}, {"CUSTOM_WATCHDOG_ACTION_BARK"}),
        ({"quota:cpu_shares": "512"}, {}, {"CUSTOM_CPU_LIMITS"}),
        ({"pci_passthrough:alias": "gpu:1"}, {}, {"CUSTOM_PCI_PASSTHROUGH"}),
    ],
    ids=str,
)
def test_traits(specs: dict[str, str], properties: dict[str, str], traits: set[str]) -> None:
    assert hardware.traits(specs, properties) == traits
