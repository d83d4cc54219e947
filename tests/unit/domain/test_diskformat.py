# SPDX-License-Identifier: Apache-2.0
"""What an image is, from its bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_lite.domain import diskformat


def qcow2(
    *,
    version: int = 3,
    size: int = 1 << 20,
    backing: bytes = b"",
    encryption: int = 0,
    incompatible: int = 0,
    extensions: list[tuple[int, bytes]] | None = None,
    cluster_bits: int = 16,
) -> bytes:
    """The beginning of a qcow2 file, by the format's specification."""
    header_length = 104 if version == 3 else 72
    more = b""
    for kind, data in [*(extensions or []), (0, b"")]:
        more += struct.pack(">II", kind, len(data)) + data + b"\0" * (-len(data) % 8)
    backing_at = header_length + len(more) if backing else 0
    head = b"QFI\xfb" + struct.pack(
        ">IQIIQIIQQIIQ",
        version,
        backing_at,
        len(backing),
        cluster_bits,
        size,
        encryption,
        1,
        0x30000,
        0x10000,
        1,
        0,
        0,
    )
    if version == 3:
        head += struct.pack(">QQQII", incompatible, 0, 0, 4, header_length)
    return head + more + backing


@pytest.mark.parametrize("version", [2, 3])
def test_a_plain_qcow2_is_accepted(version: int) -> None:
    header = diskformat.parse_qcow2(qcow2(version=version, size=5 << 30))
    assert (header.version, header.virtual_size) == (version, 5 << 30)
    assert diskformat.objection("qcow2", qcow2(version=version)) is None


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (qcow2(backing=b"/etc/shadow"), "'/etc/shadow'"),
        (qcow2(version=2, backing=b"/etc/shadow"), "'/etc/shadow'"),
        (qcow2(extensions=[(0x44415441, b"/dev/sda")]), "another file"),
        (qcow2(incompatible=1 << 2), "another file"),
        (qcow2(incompatible=1 << 1), "corrupt"),
        (qcow2(incompatible=1 << 5), "0x20"),
        (qcow2(incompatible=1 << 63), "unknown features"),
        (qcow2(encryption=1), "encrypted"),
        (qcow2(version=4), "version 4"),
        (qcow2(cluster_bits=8), "cluster size"),
        (qcow2(cluster_bits=22), "cluster size"),
        (qcow2()[:60], "too short"),
        (qcow2()[:100], "too short"),
        (qcow2(extensions=[(n, b"") for n in range(1, 80)]), "too many"),
    ],
)
def test_a_dangerous_or_broken_qcow2_is_refused(head: bytes, reason: str) -> None:
    assert reason in (diskformat.objection("qcow2", head) or "")


def test_harmless_features_are_accepted() -> None:
    for bit in (0, 3, 4):
        assert diskformat.objection("qcow2", qcow2(incompatible=1 << bit)) is None
    extensions = [(0xE2792ACA, b"raw"), (0x6803F857, b"\0" * 48), (0x23852875, b"\0" * 24)]
    assert diskformat.objection("qcow2", qcow2(extensions=extensions)) is None


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (qcow2(), "qcow2"),
        (b"QFI\xfb\0\0\0\x01" + b"\0" * 40, "qcow"),
        (b"KDMV" + b"\0" * 508, "vmdk"),
        (b"# Disk DescriptorFile\nversion=1\n", "vmdk"),
        (b"vhdxfile" + b"\0" * 504, "vhdx"),
        (b"conectix" + b"\0" * 504, "vpc"),
        (b"QED\0" + b"\0" * 508, "qed"),
        (b"LUKS\xba\xbe" + b"\0" * 508, "luks"),
        (b"\0" * 64 + b"\x7f\x10\xda\xbe", "vdi"),
        (b"#!/bin/sh\n#V2.0 Format\n", "cloop"),
    ],
)
def test_what_calls_itself_raw_and_is_not_is_refused(head: bytes, found: str) -> None:
    assert diskformat.detect(head) == found
    assert diskformat.objection("raw", head) == f"it is said to be raw but looks like {found}"


def test_a_disk_without_a_mark_is_raw() -> None:
    boot_sector = b"\xfa\x31\xc0" + b"\0" * 507 + b"\x55\xaa"
    iso = b"\0" * 32769 + b"CD001" + b"\0" * 100
    for head in (b"", boot_sector, iso):
        assert diskformat.objection("raw", head) is None
    assert diskformat.objection("raw", boot_sector, b"conectix" + b"\0" * 504) is not None
    assert diskformat.objection("qcow2", boot_sector) is not None


def test_virtual_size() -> None:
    assert diskformat.virtual_size("raw", b"", 512) == 512
    assert diskformat.virtual_size("qcow2", qcow2(size=1 << 30), 200) == 1 << 30
    assert diskformat.virtual_size("qcow2", b"nonsense", 8) is None
    assert diskformat.virtual_size("vmdk", b"KDMV", 8) is None


@given(st.binary(max_size=400))
def test_any_bytes_are_answered(data: bytes) -> None:
    for head in (data, b"QFI\xfb" + data, qcow2() + data):
        for declared in ("raw", "qcow2"):
            verdict = diskformat.objection(declared, head)
            assert verdict is None or isinstance(verdict, str)


@given(st.data())
def test_a_damaged_header_is_answered(data: st.DataObject) -> None:
    head = bytearray(qcow2(backing=b"base", extensions=[(0xE2792ACA, b"raw")]))
    for _ in range(data.draw(st.integers(1, 6))):
        head[data.draw(st.integers(0, len(head) - 1))] = data.draw(st.integers(0, 255))
    diskformat.objection("qcow2", bytes(head))


@given(
    size=st.integers(0, 2**63 - 1),
    backing=st.binary(min_size=1, max_size=1023),
    extensions=st.lists(
        st.tuples(
            st.integers(1, 2**32 - 1).filter(lambda k: k != 0x44415441), st.binary(max_size=40)
        ),
        max_size=20,
    ),
)
def test_a_backing_file_is_never_missed(
    size: int, backing: bytes, extensions: list[tuple[int, bytes]]
) -> None:
    plain = qcow2(size=size, extensions=extensions)
    assert diskformat.objection("qcow2", plain) is None
    assert diskformat.parse_qcow2(plain).virtual_size == size
    assert diskformat.objection("qcow2", qcow2(backing=backing, extensions=extensions))
    hidden = [*extensions, (0x44415441, b"x")]
    assert diskformat.objection("qcow2", qcow2(extensions=hidden))
