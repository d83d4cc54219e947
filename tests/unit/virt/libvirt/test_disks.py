# SPDX-License-Identifier: Apache-2.0
"""Which disks a server gets, and the folder they are in."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from nova_lite.base import process
from nova_lite.domain.devices import BlockDevice
from nova_lite.domain.errors import ImageUnacceptable
from nova_lite.domain.host import GuestSeen
from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import RootImage
from nova_lite.virt.libvirt import leftovers
from nova_lite.virt.libvirt.disk import blank, layout
from nova_lite.virt.libvirt.disk.plan import plan
from tests.fixtures.servers import make_flavor, make_instance

GIB = 1 << 30
ROOT = RootImage(path=Path("/base/x"), format="raw", virtual_size=GIB // 2)
UUID = "11111111-2222-4333-8444-555555555555"


def server(*blanks: tuple[int | None, str | None], **flavor: int) -> Instance:
    devices = [
        BlockDevice(
            uuid=str(n),
            instance_uuid="i",
            source_type="blank",
            destination_type="local",
            volume_size=size,
            guest_format=form,
        )
        for n, (size, form) in enumerate(blanks)
    ]
    return make_instance(flavor=make_flavor(**flavor), block_devices=devices)


def planned(instance: Instance, root_format: str = "qcow2") -> list[tuple[Any, ...]]:
    return [(d.file, d.format, d.size, d.file_system) for d in plan(instance, ROOT, root_format)]


def test_the_flavor_decides() -> None:
    assert planned(server(root_gb=3, ephemeral_gb=2, swap_mb=5)) == [
        ("disk", "qcow2", 3 * GIB, None),
        ("disk.eph0", "raw", 2 * GIB, "ext4"),
        ("disk.swap", "raw", 5 << 20, "swap"),
    ]


def test_a_flavor_without_a_size_takes_the_images() -> None:
    assert planned(server(root_gb=0)) == [("disk", "qcow2", GIB // 2, None)]


def test_the_request_divides_the_ephemeral_disk() -> None:
    instance = server((1, "vfat"), (2, None), (None, "swap"), (0, None), ephemeral_gb=3)
    assert planned(instance)[1:] == [
        ("disk.eph0", "raw", GIB, "vfat"),
        ("disk.eph1", "raw", 2 * GIB, "ext4"),
    ]


def test_a_disk_without_a_size_is_the_flavors() -> None:
    instance = server((None, "ext3"), (None, "swap"), ephemeral_gb=3, swap_mb=7)
    assert planned(instance)[1:] == [
        ("disk.eph0", "raw", 3 * GIB, "ext3"),
        ("disk.swap", "raw", 7 << 20, "swap"),
    ]


def test_swap_is_as_large_as_asked() -> None:
    assert planned(server((5, "swap"), swap_mb=7))[1:] == [("disk.swap", "raw", 5 << 20, "swap")]


def test_only_overlays_stand_on_the_base() -> None:
    assert plan(server(), ROOT, "qcow2")[0].base == "/base/x"
    assert plan(server(), ROOT, "raw")[0].base is None


def test_a_root_that_does_not_fit() -> None:
    large = RootImage(path=Path("/x"), format="raw", virtual_size=2 * GIB)
    with pytest.raises(ImageUnacceptable):
        plan(server(root_gb=1), large, "qcow2")


def record(host: str = "h", base: str | None = None) -> layout.FolderRecord:
    disk = layout.DiskRecord(role="root", file="disk", format="qcow2", size=1, base=base)
    return layout.FolderRecord(uuid=UUID, host=host, machine="pc", disks=[disk])


def test_a_folder_tells_what_is_in_it(tmp_path: Path) -> None:
    folder = layout.GuestFolder(tmp_path, UUID)
    assert folder.record() is None and not folder.exists()
    folder.create(record(base="/base/x"))
    assert folder.record() == record(base="/base/x")
    assert folder.path.stat().st_mode & 0o777 == 0o711
    assert folder.console.stat().st_mode & 0o777 == 0o600
    assert [d.path for d in folder.disks(record())] == [str(folder.path / "disk")]
    assert layout.bases_in_use(tmp_path) == {"/base/x"}
    (folder.path / "disk").write_text("x")
    folder.create(record())  # anew: the old disk is gone
    assert not (folder.path / "disk").exists()
    folder.remove()
    folder.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_broken_record_is_none(tmp_path: Path) -> None:
    folder = layout.GuestFolder(tmp_path, UUID)
    folder.create(record())
    (folder.path / layout.INFO).write_text("{")
    assert folder.record() is None


@pytest.mark.parametrize("name", ["", "..", "_base", "a/b", "../../etc"])
def test_only_uuids_name_folders(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no uuid"):
        layout.GuestFolder(tmp_path, name)


def test_what_was_being_removed_is_removed(tmp_path: Path) -> None:
    (tmp_path / f"{UUID}_del").mkdir()
    (tmp_path / f"{UUID}_del" / "disk").write_text("x")
    (tmp_path / "mine_del").mkdir()
    layout.remove_doomed(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine_del"]
    layout.remove_doomed(tmp_path / "absent")


def test_an_audit_sees_folders_without_guests(tmp_path: Path) -> None:
    others = "99999999-2222-4333-8444-555555555555"
    layout.GuestFolder(tmp_path, UUID).create(record("h1"))
    layout.GuestFolder(tmp_path, others).create(record("h2"))
    (tmp_path / "_base").mkdir()
    foreign = GuestSeen(name="x", uuid=None, power_state=1)
    mine = GuestSeen(name="i-1", uuid="u-without-folder", power_state=1)
    seen = leftovers.with_folders([foreign, mine], tmp_path, "h1")
    assert [(g.name, g.uuid, g.power_state, g.disks) for g in seen] == [
        ("x", None, 1, False),
        ("i-1", "u-without-folder", 1, False),
        (UUID, UUID, 0, True),
    ]


@pytest.mark.parametrize(
    ("file_system", "mark"),
    [("ext4", (1080, b"\x53\xef")), ("vfat", (510, b"\x55\xaa")), ("swap", (4086, b"SWAPSPACE2")),
     (None, (0, b"\0\0\0\0"))],
)  # fmt: skip
def test_blank_disks(tmp_path: Path, file_system: str | None, mark: tuple[int, bytes]) -> None:
    program = {"swap": "mkswap", None: "true"}.get(file_system, f"mkfs.{file_system}")
    if shutil.which(str(program), path=process.environment()["PATH"]) is None:
        pytest.skip(f"needs {program}")
    path = tmp_path / "disk"
    blank.make(path, 64 << 20, file_system)
    data = path.read_bytes()
    assert len(data) == 64 << 20
    assert data[mark[0] : mark[0] + len(mark[1])] == mark[1]
    assert path.stat().st_blocks * 512 < 16 << 20
    with pytest.raises(FileExistsError):
        blank.make(path, 1, None)


@pytest.mark.parametrize("stable", [False, True])
def test_the_disks_of_a_rescued_guest(tmp_path: Path, stable: bool) -> None:
    disks = plan(server(root_gb=3, ephemeral_gb=2), ROOT, "qcow2")
    extra = layout.DiskRecord(
        role="rescue", file="disk.rescue", format="qcow2", size=1, base="/base/y"
    )
    rescue = layout.RescueRecord(disk=extra, stable=stable, bus="usb" if stable else None)
    record = layout.FolderRecord(uuid=UUID, host="h", machine="pc", disks=disks, rescue=rescue)
    folder = layout.GuestFolder(tmp_path, UUID)
    folder.create(record)
    (folder.path / "disk.rescue").write_bytes(b"x")
    found = [(disk.role, disk.bus) for disk in folder.disks(record)]
    if stable:
        assert found == [("root", None), ("ephemeral", None), ("rescue", "usb")]
    else:
        assert found == [("rescue", None), ("root", None)]
    assert layout.bases_in_use(tmp_path) == {"/base/x", "/base/y"}
    plain = folder.forget_rescue(folder.record() or record)
    assert plain == folder.record() and plain.rescue is None
    assert not (folder.path / "disk.rescue").exists()
    assert folder.forget_rescue(plain) == plain
