# SPDX-License-Identifier: Apache-2.0
"""What the host says of itself, and what the options make of it."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from nova_lite.domain.errors import ConfigurationError
from nova_lite.virt.libvirt import inventory, options, traits
from nova_lite.virt.libvirt.xml.capabilities import (
    EmulatorFacts,
    emulator_facts,
    host_facts,
    required_features,
    supported,
)
from tests.fixtures.settings import make_conf

CAPABILITIES = """
<capabilities>
  <host>
    <uuid>x</uuid>
    <cpu>
      <arch>x86_64</arch><model>Broadwell</model><vendor>Intel</vendor>
      <topology sockets='1' dies='1' cores='2' threads='2'/>
      <feature name='vme'/><feature name='f16c'/>
    </cpu>
    <topology><cells num='1'><cell id='0'/></cells></topology>
    <secmodel><model>none</model><doi>0</doi></secmodel>
    <secmodel><model>dac</model><doi>0</doi>
      <baselabel type='kvm'>+64055:+108</baselabel>
      <baselabel type='qemu'>+64055:+108</baselabel></secmodel>
  </host>
  <guest><os_type>hvm</os_type><arch name='i686'>
    <domain type='qemu'/></arch></guest>
  <guest><os_type>hvm</os_type><arch name='x86_64'>
    <domain type='qemu'/><domain type='kvm'/></arch></guest>
  <guest><os_type>hvm</os_type><arch name='aarch64'><domain type='qemu'/></arch></guest>
</capabilities>
"""
DOMAIN_CAPABILITIES = """
<domainCapabilities>
  <cpu>
    <mode name='host-passthrough' supported='no'/>
    <mode name='host-model' supported='yes'>
      <model fallback='forbid'>EPYC</model><vendor>AMD</vendor>
      <feature policy='require' name='aes'/><feature policy='disable' name='sha-ni'/>
    </mode>
    <mode name='custom' supported='yes'>
      <model usable='yes'>Nehalem</model><model usable='no'>Skylake</model>
    </mode>
  </cpu>
  <devices>
    <disk supported='yes'><enum name='bus'><value>virtio</value><value>fdc</value></enum></disk>
    <video supported='yes'><enum name='modelType'>
      <value>vga</value><value>ramfb</value></enum></video>
  </devices>
</domainCapabilities>
"""
OTHER = 64999  # a user whom nobody knows
EMULATOR = emulator_facts(DOMAIN_CAPABILITIES)


def test_capabilities() -> None:
    facts = host_facts(CAPABILITIES)
    assert (facts.arch, facts.threads, facts.emulator) == ("x86_64", 2, 64055)
    assert facts.cpu == {
        "arch": "x86_64",
        "model": "Broadwell",
        "vendor": "Intel",
        "topology": {"sockets": 1, "dies": 1, "cores": 2, "threads": 2, "cells": 1},
        "features": ["f16c", "vme"],
    }
    assert supported(facts, "qemu") == [("i686", "qemu", "hvm"), ("x86_64", "qemu", "hvm")]
    assert supported(facts, "kvm") == [("x86_64", "kvm", "hvm")]


def test_capabilities_without_a_cpu() -> None:
    facts = host_facts("<capabilities><host/></capabilities>")
    assert (facts.arch, facts.cpu, facts.guests, facts.emulator) == ("", {}, [], None)


def test_domain_capabilities() -> None:
    assert EMULATOR.disk_buses == ["virtio", "fdc"]
    assert EMULATOR.cpu_modes == ["host-model", "custom"]
    assert EMULATOR.cpu_models == ["Nehalem"]
    assert EMULATOR.host_model is not None
    assert required_features(EMULATOR.host_model) == {"aes"}


def test_traits() -> None:
    found = traits.traits(EMULATOR, {"aes", "sse4.2", "unheard-of"}, "x86_64", 2, limits=True)
    assert found == sorted(found)
    assert {
        "COMPUTE_STORAGE_BUS_VIRTIO",
        "COMPUTE_GRAPHICS_MODEL_VGA",
        "COMPUTE_NET_VIF_MODEL_E1000",
        "COMPUTE_IMAGE_TYPE_QCOW2",
        "CUSTOM_CPU_LIMITS",
        "HW_CPU_X86_AESNI",
        "HW_CPU_X86_SSE42",
        "HW_CPU_HYPERTHREADING",
        "HW_ARCH_X86_64",
    } <= set(found)
    assert not {t for t in found if "FDC" in t or "RAMFB" in t or "UNHEARD" in t}


def test_inventory() -> None:
    conf = make_conf(reserved_host_disk_mb=1, cpu_allocation_ratio=2.0)
    found = inventory.inventory(conf, 4, 2048, 10 << 30)
    assert (found["VCPU"].capacity, found["VCPU"].max_unit) == (8, 4)
    assert (found["MEMORY_MB"].capacity, found["MEMORY_MB"].reserved) == (1536, 512)
    assert (found["DISK_GB"].total, found["DISK_GB"].capacity) == (10, 9)


def test_meminfo() -> None:
    text = "MemTotal:       24684032 kB\nMemAvailable:   23000000 kB\nHugePages_Total:       0\n"
    assert inventory.meminfo(text) == {"MemTotal": 24105, "MemAvailable": 22460}


@pytest.mark.parametrize(
    ("seconds", "since"),
    [(59, "0 min"), (3599, "59 min"), (3600 * 5 + 240, "5:04"), (90000, "1 day, 1:00"),
     (86400 * 3 + 60, "3 days, 1 min")],
)  # fmt: skip
def test_uptime(seconds: int, since: str) -> None:
    now = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    expected = f" 03:04:05 up {since},  load average: 0.50, 1.00, 2.00"
    assert inventory.uptime(now, seconds, (0.5, 1.0, 2.0)) == expected


@pytest.mark.parametrize(
    ("arch", "cpuinfo", "device", "reason"),
    [
        ("x86_64", "flags\t: fpu vmx sse\n", True, None),
        ("x86_64", "flags\t: fpu svm sse\n", True, None),
        ("x86_64", "flags\t: fpu sse\nvmx flags : x\n", True, "neither vmx nor svm"),
        ("x86_64", "flags\t: fpu vmx\n", False, "no /dev/kvm"),
        ("aarch64", "Features : fp\n", True, None),
    ],
)
def test_whether_kvm_can_be_used(arch: str, cpuinfo: str, device: bool, reason: str | None) -> None:
    found = options.kvm_objection(arch, cpuinfo, device)
    assert found is None if reason is None else reason in str(found)


@pytest.mark.parametrize(
    ("values", "machines"),
    [([], {}), (["q35"], {"x86_64": "q35"}), (["x86_64=pc", "aarch64=virt"],
     {"x86_64": "pc", "aarch64": "virt"})],
)  # fmt: skip
def test_machines(values: list[str], machines: dict[str, str]) -> None:
    assert options.machines(values, "x86_64") == machines


@pytest.mark.parametrize(
    ("host", "node"),
    [("vm", "vm.example"), ("vm.example", "vm.example"), ("machine", "vm.example"),
     ("cpu-7", "cpu-7")],
)  # fmt: skip
def test_node_names(host: str, node: str) -> None:
    assert options.node_name(host, "vm.example", "machine.local") == node


def host_options(tmp_path: Path, **values: Any) -> Any:
    conf = make_conf(instances_path=str(tmp_path), **values)
    return options.host_options(conf, "cpu-1", host_facts(CAPABILITIES), EMULATOR)


def test_host_options(tmp_path: Path) -> None:
    made = host_options(
        tmp_path,
        libvirt__virt_type="qemu",
        libvirt__cpu_mode="custom",
        libvirt__cpu_models=["Skylake", "Nehalem"],
        libvirt__cpu_model_extra_flags=["+PCID", "-svm", "aes"],
        libvirt__disk_cachemodes=["block=none", "file=unsafe"],
        vnc__server_listen="0.0.0.0",
    )
    assert (made.cpu_mode, made.cpu_model, made.cache) == ("custom", "Nehalem", "unsafe")
    assert made.cpu_features == {"pcid": "require", "svm": "disable", "aes": "require"}
    assert (made.host, made.arch, made.vnc_listen) == ("cpu-1", "x86_64", "0.0.0.0")
    assert host_options(tmp_path, vnc__enabled=False).vnc_listen is None


def test_cache_mode_by_what_the_file_system_can(tmp_path: Path) -> None:
    assert options.cache_mode([], tmp_path) in ("none", "writeback")
    assert list(tmp_path.iterdir()) == []


def test_a_cpu_mode_that_cannot_be_had(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="host-passthrough cannot be had"):
        host_options(tmp_path, libvirt__cpu_mode="host-passthrough")


@pytest.mark.parametrize(
    ("images_type", "cow", "overlays"),
    [("default", True, True), ("default", False, False), ("qcow2", False, True),
     ("raw", True, False), ("flat", True, False)],
)  # fmt: skip
def test_overlay_or_copy(images_type: str, cow: bool, overlays: bool) -> None:
    conf = make_conf(libvirt__images_type=images_type, use_cow_images=cow)
    assert options.overlays(conf) is overlays


def test_facts_may_be_empty() -> None:
    assert "CUSTOM_CPU_LIMITS" not in traits.traits(EmulatorFacts(), [], "riscv64", 1, limits=False)


def test_folders_that_the_emulator_may_not_enter(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    for folder in (inner, *inner.parents):
        if folder.is_relative_to(tmp_path):
            folder.chmod(0o755)
    outer = options.closed_folder(tmp_path, OTHER)  # what the test itself is in, if anything
    (tmp_path / "closed").chmod(0o700)
    assert options.closed_folder(inner, OTHER) == (outer or tmp_path / "closed")
    for passes in (None, os.geteuid()):
        options.warn_if_closed(inner, passes)
    assert not caplog.records
    options.warn_if_closed(inner, OTHER)
    assert f"may not enter {outer or tmp_path / 'closed'}: guests will not start" in caplog.text


def test_who_the_emulator_is() -> None:
    said, silent = host_facts(CAPABILITIES), host_facts("<capabilities><host/></capabilities>")
    for uri, user in {"qemu:///session": os.geteuid(), "qemu:///system": None}.items():
        conf = make_conf(libvirt__connection_uri=uri)
        assert options.emulator_user(conf, silent) == user
        assert options.emulator_user(conf, said) == 64055
