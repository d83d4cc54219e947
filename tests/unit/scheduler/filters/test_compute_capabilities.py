# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.domain.host import HostState
from nova_lite.scheduler.filters import ComputeCapabilitiesFilter
from tests.unit.scheduler.harness import host, refuses, request


def seen() -> HostState:
    return host(
        used={"MEMORY_MB": 1024},
        cpu_info={"arch": "x86_64", "features": ["aes", "vmx"], "topology": {"sockets": 2}},
        stats={"gpu": "a100", "racks": {"power": "b"}},
    )


@pytest.mark.parametrize(
    ("key", "wanted", "passes"),
    [
        ("capabilities:cpu_info:arch", "x86_64", True),
        ("capabilities:cpu_info:arch", "aarch64", False),
        ("capabilities:cpu_info:features", "<in> aes", True),
        ("capabilities:cpu_info:features", "<all-in> aes vmx", True),
        ("capabilities:cpu_info:features", "<all-in> aes avx512", False),
        ("capabilities:cpu_info:topology:sockets", ">= 2", True),
        ("capabilities:cpu_info:topology:sockets", ">= 4", False),
        ("capabilities:cpu_info:topology:cores", ">= 1", False),
        ("capabilities:free_ram_mb", ">= 7000", True),
        ("capabilities:free_ram_mb", ">= 8000", False),
        ("capabilities:hypervisor_type", "s== QEMU", True),
        ("capabilities:gpu", "<or> a100 <or> h100", True),
        ("capabilities:racks:power", "b", True),
        ("capabilities:vcpus_total", "= 8", True),
        ("free_disk_mb", ">= 102400", True),
        ("hypervisor_version", ">= 8000000", False),
        ("nothing_like_it", "1", False),
        ("hw:cpu_policy", "dedicated", True),
        ("trait:HW_CPU", "required", True),
    ],
)
def test_conditions(key: str, wanted: str, passes: bool) -> None:
    reason = refuses(ComputeCapabilitiesFilter, seen(), request(extra_specs={key: wanted}))
    assert (reason is None) is passes, reason


def test_the_reason_says_what_was_wanted_and_what_there_is() -> None:
    asked = request(extra_specs={"capabilities:free_ram_mb": ">= 9000"})
    reason = refuses(ComputeCapabilitiesFilter, seen(), asked)
    assert reason is not None
    assert (reason.wanted, reason.has) == (">= 9000", "7168")


def test_all_conditions_must_hold() -> None:
    asked = request(extra_specs={"capabilities:gpu": "a100", "capabilities:free_ram_mb": "1"})
    assert refuses(ComputeCapabilitiesFilter, seen(), asked) is not None
