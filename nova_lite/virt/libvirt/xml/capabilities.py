# SPDX-License-Identifier: Apache-2.0
"""What libvirt says of a host and of its hypervisor, read from XML. Pure."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import msgspec


class HostFacts(msgspec.Struct, frozen=True, kw_only=True):
    """From <capabilities>. `guests`: (architecture, hypervisor type, vm mode) rows;
    `cpu`: what the Compute API shows as cpu_info. `emulator`: the user that guests' processes
    run as, None where libvirt does not say."""

    arch: str
    cpu: dict[str, Any]
    guests: list[tuple[str, str, str]]
    threads: int = 1
    emulator: int | None = None


class EmulatorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """From <domainCapabilities>. `host_model`: XML of the CPU that host-model means, None
    where there is none; `cpu_modes` that can be used, custom models by name."""

    disk_buses: list[str] = []
    video_models: list[str] = []
    firmwares: list[str] = []
    cpu_modes: list[str] = []
    cpu_models: list[str] = []
    host_model: str | None = None


def host_facts(text: str) -> HostFacts:
    """Read the XML of virConnectGetCapabilities."""
    root = ET.fromstring(text)
    cpu = root.find("host/cpu")
    cells = root.findall("host/topology/cells/cell")
    guests = [
        (arch.get("name", ""), domain.get("type", ""), guest.findtext("os_type") or "")
        for guest in root.iterfind("guest")
        for arch in guest.iterfind("arch")
        for domain in arch.iterfind("domain")
    ]
    topology = _counts(cpu.find("topology")) if cpu is not None else {}
    if topology:
        topology["cells"] = max(1, len(cells))
    return HostFacts(
        arch=(cpu.findtext("arch") if cpu is not None else None) or "",
        cpu={
            "arch": cpu.findtext("arch"),
            "model": cpu.findtext("model"),
            "vendor": cpu.findtext("vendor"),
            "topology": topology,
            "features": sorted(f.get("name", "") for f in cpu.iterfind("feature")),
        }
        if cpu is not None
        else {},
        guests=guests,
        threads=topology.get("threads", 1),
        emulator=_emulator(root),
    )


def _emulator(root: ET.Element) -> int | None:
    """From the label `+UID:+GID` that files of guests get."""
    for model in root.iterfind("host/secmodel"):
        found = re.match(r"\+(\d+):", model.findtext("baselabel") or "")
        if model.findtext("model") == "dac" and found:
            return int(found[1])
    return None


def _counts(topology: ET.Element | None) -> dict[str, int]:
    if topology is None:
        return {}
    return {name: int(text) for name, text in topology.attrib.items() if text.isdigit()}


def emulator_facts(text: str) -> EmulatorFacts:
    """Read the XML of virConnectGetDomainCapabilities."""
    root = ET.fromstring(text)
    modes = [m for m in root.iterfind("cpu/mode") if m.get("supported") == "yes"]
    custom = [m for mode in modes if mode.get("name") == "custom" for m in mode.iterfind("model")]
    host_model = next((m for m in modes if m.get("name") == "host-model"), None)
    return EmulatorFacts(
        disk_buses=_values(root, "devices/disk/enum[@name='bus']"),
        firmwares=["bios", *_values(root, "os/enum[@name='firmware']")],
        video_models=_values(root, "devices/video/enum[@name='modelType']"),
        cpu_modes=[m.get("name", "") for m in modes],
        cpu_models=[m.text or "" for m in custom if m.get("usable") != "no"],
        host_model=_as_cpu(host_model),
    )


def _values(root: ET.Element, path: str) -> list[str]:
    return [value.text or "" for value in root.iterfind(f"{path}/value")]


def _as_cpu(mode: ET.Element | None) -> str | None:
    if mode is None or mode.find("model") is None:
        return None
    cpu = ET.Element("cpu", {"mode": "custom", "match": "exact"})
    cpu.extend(list(mode))
    return ET.tostring(cpu, encoding="unicode")


def required_features(cpu: str) -> set[str]:
    """Names of the features that a <cpu> has."""
    root = ET.fromstring(cpu)
    return {
        feature.get("name", "")
        for feature in root.iterfind("feature")
        if feature.get("policy", "require") in ("require", "force")
    }


def supported(host: HostFacts, virt_type: str) -> list[tuple[str, str, str]]:
    """What can run here, without emulating another architecture."""
    near = {host.arch, "i686" if host.arch == "x86_64" else host.arch}
    return [row for row in host.guests if row[1] == virt_type and row[0] in near]
