# SPDX-License-Identifier: Apache-2.0
"""What a disk image really is, read from its first bytes. Pure: bytes in, facts out.

An image comes from outside and is not believed: a file that says "raw" and begins like a
qcow2 would be opened as one by whoever guesses, and a qcow2 may name files of the host.
"""

import struct

import msgspec

HEAD_SIZE = 65536  # bytes that the functions here want to see, or the whole of a smaller file

_QCOW2_MAGIC = b"QFI\xfb"
_QCOW2_FIXED = struct.Struct(">4sIQIIQIIQQIIQ")  # version 2, and how version 3 begins
_QCOW2_MORE = struct.Struct(">QQQII")  # what version 3 adds
_EXTENSION = struct.Struct(">II")
_EXTENSION_DATA_FILE = 0x44415441
_MAX_EXTENSIONS = 64

# Bits of incompatible_features: those that any reader must understand.
_DIRTY, _CORRUPT, _DATA_FILE, _COMPRESSION, _EXTENDED_L2 = (1 << n for n in range(5))
_HARMLESS = _DIRTY | _COMPRESSION | _EXTENDED_L2

# (offset, bytes, format); the order matters only for the two kinds of qcow.
_MAGICS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"QFI\xfb\x00\x00\x00\x01", "qcow"),
    (0, _QCOW2_MAGIC, "qcow2"),
    (0, b"KDMV", "vmdk"),
    (0, b"COWD", "vmdk"),
    (0, b"# Disk DescriptorFile", "vmdk"),
    (0, b"vhdxfile", "vhdx"),
    (0, b"conectix", "vpc"),
    (0, b"QED\x00", "qed"),
    (0, b"LUKS\xba\xbe", "luks"),
    (0, b"WithoutFreeSpace", "parallels"),
    (0, b"WithouFreSpacExt", "parallels"),
    (0, b"Bochs Virtual HD Image", "bochs"),
    (0, b"#!/bin/sh\n#V2.0 Format\n", "cloop"),
    (64, b"\x7f\x10\xda\xbe", "vdi"),
)


class FormatError(Exception):
    """The file breaks the rules of its format, or asks for what is not allowed here."""


class Qcow2Header(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of a qcow2 header. virtual_size in bytes."""

    version: int
    virtual_size: int
    cluster_bits: int
    backing_file: str | None = None
    data_file: str | None = None
    encrypted: bool = False
    incompatible: int = 0


def detect(head: bytes, tail: bytes = b"") -> str:
    """The format that a program which guesses would see; "raw" when there is no sign of one.

    `tail`: the last 512 bytes, where a fixed-size VHD has its mark.
    """
    for offset, magic, name in _MAGICS:
        if head[offset : offset + len(magic)] == magic:
            return name
    if tail[:8] == b"conectix":
        return "vpc"
    return "raw"


def parse_qcow2(head: bytes) -> Qcow2Header:
    """Read a header, at most the first HEAD_SIZE bytes of a file. Raises FormatError."""
    if len(head) < _QCOW2_FIXED.size:
        raise FormatError("it is too short for a qcow2 header")
    (magic, version, backing_offset, backing_size, cluster_bits, size, encryption, *_) = (
        _QCOW2_FIXED.unpack_from(head)
    )
    if magic != _QCOW2_MAGIC:
        raise FormatError("it does not begin like a qcow2 file")
    if version not in (2, 3):
        raise FormatError(f"qcow2 version {version} is not known")
    if not 9 <= cluster_bits <= 21:
        raise FormatError(f"its cluster size of 2^{cluster_bits} is out of range")
    if size > 2**63 - 1:
        raise FormatError("its virtual size is out of range")
    incompatible, extensions_at = 0, _QCOW2_FIXED.size
    if version == 3:
        incompatible, extensions_at = _version_3(head)
    return Qcow2Header(
        version=version,
        virtual_size=size,
        cluster_bits=cluster_bits,
        backing_file=_backing_file(head, backing_offset, backing_size),
        data_file=_data_file(head, extensions_at),
        encrypted=encryption != 0,
        incompatible=incompatible,
    )


def _version_3(head: bytes) -> tuple[int, int]:
    if len(head) < _QCOW2_FIXED.size + _QCOW2_MORE.size:
        raise FormatError("it is too short for a qcow2 header of version 3")
    incompatible, _, _, _, header_length = _QCOW2_MORE.unpack_from(head, _QCOW2_FIXED.size)
    if not _QCOW2_FIXED.size + _QCOW2_MORE.size <= header_length <= len(head):
        raise FormatError(f"its header length of {header_length} is out of range")
    return incompatible, header_length


def _backing_file(head: bytes, offset: int, size: int) -> str | None:
    if offset == 0:
        return None
    if not 0 < size <= 1023 or offset + size > len(head):
        return "(a name that cannot be read)"
    return head[offset : offset + size].decode("utf-8", "backslashreplace")


def _data_file(head: bytes, position: int) -> str | None:
    for _ in range(_MAX_EXTENSIONS):
        if position + _EXTENSION.size > len(head):
            return None
        kind, length = _EXTENSION.unpack_from(head, position)
        if kind == 0:
            return None
        start = position + _EXTENSION.size
        if kind == _EXTENSION_DATA_FILE:
            return head[start : start + length].decode("utf-8", "backslashreplace")
        position = start + (length + 7) // 8 * 8
    raise FormatError("it has too many header extensions")


def virtual_size(declared: str | None, head: bytes, size: int) -> int | None:
    """Bytes that a guest would see of a file of `size` bytes; None where it is not known."""
    if declared == "raw":
        return size
    if declared != "qcow2":
        return None
    try:
        return parse_qcow2(head).virtual_size
    except FormatError:
        return None


def qcow2_objection(header: Qcow2Header) -> str | None:
    """Why this qcow2 may not be used, None when it may."""
    if header.backing_file is not None:
        return f"it refers to another file, {header.backing_file!r}"
    if header.data_file is not None or header.incompatible & _DATA_FILE:
        return "it keeps its data in another file"
    if header.encrypted:
        return "it is encrypted"
    if header.incompatible & _CORRUPT:
        return "it is marked as corrupt"
    unknown = header.incompatible & ~(_HARMLESS | _CORRUPT | _DATA_FILE)
    if unknown:
        return f"it uses unknown features (bits {unknown:#x})"
    return None


def objection(declared: str, head: bytes, tail: bytes = b"") -> str | None:
    """Why a file that is said to be `declared` (raw or qcow2) may not be used, or None."""
    found = detect(head, tail)
    if found != declared:
        return f"it is said to be {declared} but looks like {found}"
    if declared != "qcow2":
        return None
    try:
        return qcow2_objection(parse_qcow2(head))
    except FormatError as error:
        return str(error)
