# SPDX-License-Identifier: Apache-2.0
"""As much of libvirt as it takes to make a guest: it keeps definitions, gives their devices
addresses, and starts nothing whose disks are not there."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

from nova_lite.domain.errors import GuestNotFound, GuestOperationFailed

RUNNING, OFF = 1, 5


class SmallLibvirt:
    """A connection, and what is at its other end. Names are libvirt's."""

    host = "cpu-1"
    lib = SimpleNamespace(
        VIR_DOMAIN_XML_INACTIVE=1,
        VIR_DOMAIN_UNDEFINE_MANAGED_SAVE=1,
        VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA=2,
        VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA=4,
        VIR_DOMAIN_UNDEFINE_NVRAM=8,
    )

    def __init__(self) -> None:
        self.domains: dict[str, SmallDomain] = {}

    def call(
        self, fn: Callable[[Any], Any], operation: str, name: str = "", again: bool = False
    ) -> Any:
        try:
            return fn(self)
        except LookupError as error:
            raise GuestNotFound(name=name) from error

    def lookupByUUIDString(self, uuid: str) -> "SmallDomain":  # noqa: N802
        return self.domains[uuid]

    def lookupByName(self, name: str) -> "SmallDomain":  # noqa: N802
        raise LookupError(name)

    def defineXML(self, text: str) -> None:  # noqa: N802
        root = ET.fromstring(text)
        nics, disks = root.findall("./devices/interface"), root.findall("./devices/disk")
        for slot, device in enumerate([*nics, *disks], 3):
            ET.SubElement(device, "address", type="pci", slot=hex(slot))
        uuid = root.findtext("uuid") or ""
        domain = self.domains.setdefault(uuid, SmallDomain(self, uuid))
        domain.defined = ET.tostring(root, encoding="unicode")


class SmallDomain:
    def __init__(self, libvirt: SmallLibvirt, uuid: str) -> None:
        self._libvirt = libvirt
        self._uuid = uuid
        self.defined = ""
        self.runs: str | None = None

    def state(self) -> tuple[int, int]:
        return (OFF if self.runs is None else RUNNING, 0)

    def isActive(self) -> int:  # noqa: N802
        return int(self.runs is not None)

    def hasManagedSaveImage(self, flags: int) -> int:  # noqa: N802
        return 0

    def XMLDesc(self, flags: int) -> str:  # noqa: N802
        return self.defined if flags or self.runs is None else self.runs

    def create(self) -> None:
        for source in ET.fromstring(self.defined).iterfind("./devices/disk/source"):
            if not Path(source.get("file", "")).exists():
                reason = f"{source.get('file')} is not there"
                raise GuestOperationFailed(operation="start", name=self._uuid, reason=reason)
        self.runs = self.defined

    def destroy(self) -> None:
        self.runs = None

    def undefineFlags(self, flags: int) -> None:  # noqa: N802
        del self._libvirt.domains[self._uuid]
