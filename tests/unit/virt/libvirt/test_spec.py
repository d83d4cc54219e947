# SPDX-License-Identifier: Apache-2.0
"""What a server's guest is like, and what cannot be had."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_lite.domain import hardware
from nova_lite.domain.devices import BlockDevice
from nova_lite.virt.libvirt import traits, wishes
from nova_lite.virt.libvirt.spec import SpecError, build
from nova_lite.virt.libvirt.xml.capabilities import EmulatorFacts
from nova_lite.virt.libvirt.xml.domain import domain_xml
from tests.unit.virt.libvirt.servers import LOG, extra, host, root, server, vif


def topology(vcpus: int, **wanted: int) -> tuple[int, int, int] | None:
    specs = {f"hw:cpu_{name}": str(number) for name, number in wanted.items()}
    found = wishes.topology(server(vcpus=vcpus, specs=specs))
    return None if found is None else (found.sockets, found.cores, found.threads)


@pytest.mark.parametrize(
    ("vcpus", "wanted", "found"),
    [
        (4, {}, None),
        (4, {"sockets": 2}, (2, 2, 1)),
        (4, {"cores": 4}, (1, 4, 1)),
        (8, {"threads": 2}, (4, 1, 2)),
        (8, {"sockets": 2, "cores": 2, "threads": 2}, (2, 2, 2)),
        (8, {"max_sockets": 2}, (2, 4, 1)),
        (8, {"max_sockets": 1, "max_cores": 4}, (1, 4, 2)),
        (4, {"sockets": 3}, (4, 1, 1)),
        (1, {"threads": 2}, (1, 1, 1)),
    ],
)
def test_topology(vcpus: int, wanted: dict[str, int], found: tuple[int, int, int] | None) -> None:
    assert topology(vcpus, **wanted) == found


@given(vcpus=st.integers(1, 64), sockets=st.integers(1, 8), limit=st.integers(1, 8))
def test_a_topology_has_as_many_vcpus_as_the_flavor(vcpus: int, sockets: int, limit: int) -> None:
    found = topology(vcpus, sockets=sockets, max_cores=limit)
    assert found is not None
    assert math.prod(found) == vcpus
    assert found[1] <= limit


def test_the_flavor_wins_over_the_image() -> None:
    found = wishes.topology(
        server(vcpus=4, specs={"hw:cpu_cores": "4"}, properties={"hw_cpu_cores": "2"})
    )
    assert found is not None and found.cores == 4


REFUSED_BY_HOSTS_ALONE = {"os_command_line"}  # as images with a kernel of their own are


@pytest.mark.parametrize(
    ("specs", "properties"),
    [
        *(({f"hw:{name}": "2"}, {}) for name in wishes._NOT_YET),
        *(({}, {f"hw_{name}": "2"}) for name in wishes._NOT_YET),
        *(({f"{prefix}0": "2"}, {}) for prefix in wishes._NOT_YET_PREFIXES),
        *(({name: "2"}, {}) for name in wishes._NOT_YET_IN_FLAVORS),
        *(({}, {name: "2"}) for name in wishes._NOT_YET_IN_IMAGES),
        *(({}, {name: "x"}) for name in wishes._CHOICES if name != "hw_vm_mode"),
        *(({f"hw:{name}": "x"}, {}) for name in wishes._CHOICES_OF_BOTH),
    ],
    ids=str,
)
def test_what_no_host_of_this_kind_can_is_refused_when_hosts_are_chosen(
    specs: dict[str, str], properties: dict[str, str]
) -> None:
    """And not by the host, which has begun to build then. (A filter looks at hw_vm_mode.)"""
    if REFUSED_BY_HOSTS_ALONE & properties.keys():
        return
    whole = EmulatorFacts(
        disk_buses=list(wishes.DISK_BUSES),
        video_models=list(wishes.VIDEO_MODELS),
        firmwares=["bios", "efi"],
    )
    wanted = hardware.traits(specs, properties)
    assert wanted - set(traits.traits(whole, [], "x86_64", 2, limits=True))


OBJECTIONS: list[tuple[dict[str, Any], str]] = [
    ({"specs": {"hw:cpu_policy": "dedicated"}}, "hw:cpu_policy=dedicated"),
    ({"properties": {"hw_cpu_policy": "dedicated"}}, "hw_cpu_policy=dedicated"),
    ({"specs": {"hw:numa_nodes": "2"}}, "hw:numa_nodes"),
    ({"specs": {"hw:numa_cpus.0": "0,1"}}, "hw:numa_cpus.0"),
    ({"specs": {"hw:mem_page_size": "large"}}, "hw:mem_page_size"),
    ({"specs": {"quota:disk_read_iops_sec": "few"}}, "quota:disk_read_iops_sec=few is not"),
    ({"specs": {"quota:disk_read_speed": "10"}}, "quota:disk_read_speed=10 is not supported"),
    (
        {"specs": {"quota:disk_total_bytes_sec": "10", "quota:disk_write_bytes_sec": "5"}},
        "quota:disk_total_bytes_sec cannot be had together",
    ),
    ({"specs": {"quota:vif_inbound_average": "10"}}, "user mode cannot be limited"),
    ({"specs": {"quota:vif_outbound_peak": "10"}}, "needs quota:vif_outbound_average"),
    ({"specs": {"hw:watchdog_action": "bark"}}, "watchdog_action=bark is none of"),
    ({"properties": {"hw_sound_model": "loud"}}, "sound_model=loud is none of"),
    ({"specs": {"os:secure_boot": "required"}}, "os:secure_boot"),
    ({"specs": {"pci_passthrough:alias": "gpu:1"}}, "pci_passthrough:alias"),
    ({"specs": {"quota:cpu_shares": "many"}}, "quota:cpu_shares"),
    ({"specs": {"quota:cpu_quota": "-1"}}, "quota:cpu_quota"),
    ({"specs": {"hw:cpu_sockets": "0"}}, "hw:cpu_sockets=0"),
    (
        {
            "specs": {
                "hw:cpu_max_sockets": "1",
                "hw:cpu_max_cores": "1",
                "hw:cpu_max_threads": "1",
            },
            "vcpus": 2,
        },
        "fit no topology",
    ),
    ({"properties": {"hw_firmware_type": "uefi"}}, "no UEFI firmware"),
    ({"properties": {"hw_disk_bus": "fdc"}}, "hw_disk_bus=fdc"),
    ({"properties": {"hw_vif_model": "vmxnet3"}}, "hw_vif_model=vmxnet3"),
    ({"properties": {"hw_video_model": "gop"}}, "hw_video_model=gop"),
    ({"properties": {"hw_video_ram": "64"}}, "exceeds the flavor's 0 MiB"),
    ({"properties": {"hw_architecture": "aarch64"}}, "is for aarch64"),
    ({"properties": {"os_secure_boot": "required"}}, "os_secure_boot"),
    ({"properties": {"hw_cdrom_bus": "virtio"}}, "hw_cdrom_bus=virtio"),
    ({"kernel_id": "k"}, "kernel"),
    ({"trusted_certs": ["c"]}, "trusted"),
    ({"vifs": [vif("ovs")]}, "ovs"),
    ({"vifs": [vif("bridge")]}, "names no bridge"),
]


@pytest.mark.parametrize(("fields", "reason"), OBJECTIONS, ids=[r for _, r in OBJECTIONS])
def test_what_cannot_be_had_is_said(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(SpecError, match=reason):
        build(server(**fields), [root()], LOG, host())


def test_everything_that_is_wrong_is_said_at_once() -> None:
    specs = {"hw:cpu_policy": "dedicated", "hw:numa_nodes": "2"}
    with pytest.raises(SpecError, match="cpu_policy=dedicated.*; .*numa_nodes=2"):
        build(server(specs=specs), [root()], LOG, host())


def test_volumes_are_an_objection() -> None:
    volume = BlockDevice(
        uuid="b", instance_uuid="i", source_type="volume", destination_type="volume"
    )
    with pytest.raises(SpecError, match="volumes"):
        build(server(block_devices=[volume]), [root()], LOG, host())


def test_wishes_for_nothing_are_no_objection() -> None:
    specs = {
        "hw:cpu_policy": "shared",
        "hw:mem_page_size": "small",
        "hw:boot_menu": "False",
        "hw:watchdog_action": "disabled",
        "capabilities:x": "y",
        "trait:HW_CPU_X86_AVX": "required",
    }
    properties = {
        "hw_firmware_type": "bios",
        "hw_architecture": "x86_64",
        "os_distro": "debian",
        "disk_format": "qcow2",
        "min_ram": "0",
    }
    assert wishes.objections(server(specs=specs, properties=properties), "x86_64") == []


def test_disks_get_names_by_their_bus() -> None:
    blanks = [
        BlockDevice(
            uuid=str(n),
            instance_uuid="i",
            source_type="blank",
            destination_type="local",
            disk_bus=bus,
            guest_format=form,
        )
        for n, (bus, form) in enumerate([("ide", None), ("scsi", None), (None, "swap")])
    ]
    disks = [root(), extra("ephemeral"), extra("ephemeral", 1), extra("swap")]
    spec = build(server(block_devices=blanks), disks, LOG, host())
    assert [(d.target, d.bus) for d in spec.disks] == [
        ("vda", "virtio"),
        ("hda", "ide"),
        ("sda", "scsi"),
        ("vdb", "virtio"),
    ]
    assert [d.boot_order for d in spec.disks] == [1, None, None, None]


def test_too_many_disks_for_a_bus() -> None:
    disks = [root(), *(extra("ephemeral", n) for n in range(4))]
    with pytest.raises(SpecError, match="more than 4 disks on the bus ide"):
        build(server(properties={"hw_disk_bus": "ide"}), disks, LOG, host())


def test_the_machine_type_comes_from_before_the_image_the_host_or_the_architecture() -> None:
    wish = server(properties={"hw_machine_type": "q35"})
    machines = host(machines={"x86_64": "pc-i440fx-7.2"})
    assert build(server(), [root()], LOG, host()).machine == "pc"
    assert build(server(), [root()], LOG, machines).machine == "pc-i440fx-7.2"
    assert build(wish, [root()], LOG, machines).machine == "q35"
    assert build(wish, [root()], LOG, machines, machine="pc").machine == "pc"
    assert build(server(), [root()], LOG, host(arch="aarch64")).machine == "virt"


@pytest.mark.parametrize(
    ("virt_type", "cpu_mode", "mode"),
    [
        ("qemu", None, None),
        ("qemu", "none", None),
        ("qemu", "host-model", "host-model"),
        ("kvm", None, "host-model"),
        ("kvm", "none", None),
        ("kvm", "host-passthrough", "host-passthrough"),
    ],
)
def test_cpu_mode(virt_type: str, cpu_mode: str | None, mode: str | None) -> None:
    spec = build(server(), [root()], LOG, host(virt_type=virt_type, cpu_mode=cpu_mode))
    assert spec.cpu.mode == mode


@pytest.mark.parametrize(("machine", "ports"), [("q35", 12), ("pc-q35-7.2", 12), ("pc", 0)])
def test_ports_for_what_comes_later_where_there_is_pci_express(machine: str, ports: int) -> None:
    wanted = server(properties={"hw_machine_type": machine})
    spec = build(wanted, [root()], LOG, host(pcie_ports=12))
    assert spec.pcie_ports == ports
    assert domain_xml(spec).count('<controller type="pci" model="pcie-root-port"') == ports
