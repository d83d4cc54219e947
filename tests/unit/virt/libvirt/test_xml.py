# SPDX-License-Identifier: Apache-2.0
"""Guests as text. NOVA_LITE_UPDATE_GOLDEN=1 writes the golden files anew: read the diff."""

import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_lite.virt.libvirt.guestspec import GuestSpec, OwnerSpec
from nova_lite.virt.libvirt.spec import build
from nova_lite.virt.libvirt.xml import domain_xml, parse
from tests.unit.virt.libvirt.servers import LOG, UUID, extra, host, root, server, vif

GOLDEN = Path(__file__).with_name("golden")

WINDOWS = {"os_type": "windows", "hw_disk_bus": "ide", "hw_vif_model": "e1000"}
GRAPHICS = {"hw_video_model": "qxl", "hw_video_ram": "32", "hw_input_bus": "virtio"}
LIMITS = {
    "quota:cpu_shares": "512",
    "quota:cpu_period": "20000",
    "quota:cpu_quota": "10000",
    "hw_rng:rate_bytes": "1024",
    "hw_rng:rate_period": "1000",
    "hw_video:ram_max_mb": "64",
    "hw:cpu_sockets": "1",
    "hw:cpu_threads": "2",
    "hw:pmu": "false",
}
FEATURES = {"pcid": "require", "svm": "disable"}

GUESTS: dict[str, GuestSpec] = {
    "plain": build(server(), [root()], LOG, host()),
    "no-screen": build(
        server(vifs=[]),
        [root("raw")],
        LOG,
        host(vnc_listen=None, balloon_period=0, cache="writeback"),
    ),
    "consoles": build(
        server(),
        [root()],
        LOG,
        host(vnc_listen=None, spice_listen="10.0.0.1", spice_agent=True, serial_listen="10.0.0.1"),
        serial_port=10000,
    ),
    "kvm": build(server(), [root()], LOG, host(virt_type="kvm")),
    "limits": build(
        server(vcpus=4, specs=LIMITS, properties=GRAPHICS),
        [root()],
        LOG,
        host(machines={"x86_64": "q35"}),
    ),
    "windows": build(server(properties=WINDOWS), [root()], LOG, host(virt_type="kvm")),
    "disks": build(
        server(properties={"hw_disk_bus": "scsi"}),
        [root(), extra("ephemeral"), extra("ephemeral", 1), extra("swap")],
        LOG,
        host(),
    ),
    "bridges": build(
        server(
            vifs=[
                vif("bridge", details={"bridge_name": "br100"}, mtu=1450),
                vif("bridge", 2, details={"bridge": "br101"}, devname="tap-two"),
                vif("none", 3),
            ]
        ),
        [root()],
        LOG,
        host(),
    ),
    "wishes": build(
        server(
            vcpus=2,
            specs={
                "hw:boot_menu": "true",
                "hw:watchdog_action": "reset",
                "hw:vif_multiqueue_enabled": "true",
                "hw:virtio_packed_ring": "true",
                "quota:disk_read_bytes_sec": "1048576",
                "quota:disk_total_iops_sec": "500",
                "quota:vif_inbound_average": "1000",
                "quota:vif_inbound_burst": "2000",
                "quota:vif_outbound_average": "800",
                "quota:vif_outbound_peak": "900",
            },
            properties={"hw_sound_model": "ich6"},
            vifs=[vif("bridge", details={"bridge": "br100"})],
        ),
        [root()],
        LOG,
        host(),
    ),
    "uefi": build(
        server(properties={"hw_firmware_type": "uefi"}),
        [root()],
        LOG,
        host(firmwares=["bios", "efi"]),
    ),
    "cpu-model": build(
        server(specs={"hw_rng:allowed": "false"}, properties={"hw_qemu_guest_agent": "no"}),
        [root()],
        LOG,
        host(cpu_mode="custom", cpu_model="Nehalem", cpu_features=FEATURES),
    ),
    "arm": build(server(), [root()], LOG, host(arch="aarch64")),
    "names": build(
        server(display_name="<b a='1'>&amp; \"x\" ]]> \x00\x1b \ud7ff \U0001f600", image_ref=None),
        [root()],
        LOG,
        host(),
    ),
}


def mark_of(text: str) -> str:
    """Our element in the metadata."""
    start, end = text.index("<nova-lite:instance"), text.index("</nova-lite:instance>")
    return text[start:end] + "</nova-lite:instance>"


@pytest.mark.parametrize("name", GUESTS)
def test_golden(name: str) -> None:
    path = GOLDEN / f"{name}.xml"
    text = domain_xml(GUESTS[name])
    if os.environ.get("NOVA_LITE_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over() -> None:
    assert {p.stem for p in GOLDEN.iterdir()} == set(GUESTS)


@given(name=st.text(), flavor=st.text(), project=st.text(), image=st.none() | st.text(min_size=1))
def test_any_text_makes_sound_xml_with_the_same_shape(
    name: str, flavor: str, project: str, image: str | None
) -> None:
    owner = OwnerSpec(
        uuid=UUID, host="h", name=name, flavor=flavor, project_id=project, image_id=image
    )
    plain = GUESTS["plain"]
    text = domain_xml(
        type(plain)(**{**{f: getattr(plain, f) for f in plain.__struct_fields__}, "owner": owner})
    )
    tree = ET.fromstring(text.encode())
    shape = [e.tag for e in tree.iter() if not e.tag.endswith("image")]
    assert shape == [
        e.tag for e in ET.fromstring(domain_xml(plain)).iter() if not e.tag.endswith("image")
    ]
    found = parse.owner_of(mark_of(text))
    assert found is not None and (found.uuid, found.host) == (UUID, "h")


def test_the_owner_is_read_back() -> None:
    for name, spec in GUESTS.items():
        if name != "names":
            text = mark_of(domain_xml(spec))
            assert parse.owner_of(text) == spec.owner
            bare = re.sub(r"(</?)nova-lite:", r"\1", text).replace(":nova-lite=", ":unused=")
            assert parse.owner_of(bare) == spec.owner  # as libvirt gives it


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<broken",
        "<domain type='qemu'><name>by-hand</name></domain>",
        "<instance xmlns='urn:else'><uuid>x</uuid><host>h</host></instance>",
        "<instance xmlns='urn:nova-lite:guest:1'><uuid>x</uuid></instance>",
    ],
)
def test_others_guests_have_no_owner(text: str) -> None:
    assert parse.owner_of(text) is None
