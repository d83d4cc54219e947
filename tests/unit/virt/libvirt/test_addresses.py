# SPDX-License-Identifier: Apache-2.0
"""Where libvirt says that devices are, and which of them are the server's."""

from pathlib import Path

from nova_lite.domain.devices import BlockDevice
from nova_lite.virt.driver import RootImage
from nova_lite.virt.libvirt.disk import plan
from nova_lite.virt.libvirt.disk.layout import FolderRecord, GuestFolder
from nova_lite.virt.libvirt.xml.addresses import Place, places_of
from tests.unit.virt.libvirt.servers import server

DOMAIN = """
<domain type='kvm'>
  <devices>
    <disk type='file' device='disk'>
      <source file='/i/disk'/>
      <target dev='vda' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/i/disk.eph0'/>
      <target dev='sda' bus='scsi'/>
      <address type='drive' controller='0' bus='0' target='0' unit='1'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='hda' bus='ide'/>
      <address type='drive' controller='0' bus='1' target='0' unit='0'/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/i/sata'/>
      <target dev='sdb' bus='sata'/>
      <address type='drive' controller='0' bus='0' target='0' unit='2'/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/i/usb'/>
      <target dev='sdc' bus='usb'/>
      <address type='usb' bus='0' port='2'/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/i/mmio'/>
      <target dev='vdb' bus='virtio'/>
      <address type='virtio-mmio'/>
    </disk>
    <interface type='bridge'>
      <mac address='fa:16:3e:00:00:01'/>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x1f' function='0x7'/>
    </interface>
    <interface type='user'>
      <mac address='fa:16:3e:00:00:02'/>
    </interface>
  </devices>
</domain>
"""


def test_places() -> None:
    assert list(places_of(DOMAIN)) == [
        Place("pci", "0000:00:1f.7", mac="fa:16:3e:00:00:01"),
        Place("none", "none", mac="fa:16:3e:00:00:02"),
        Place("pci", "0000:04:00.0", file="/i/disk", target="vda"),
        Place("scsi", "0:0:0:1", file="/i/disk.eph0", target="sda"),
        Place("ide", "0:1:0:0", target="hda"),
        Place("none", "none", file="/i/sata", target="sdb"),
        Place("usb", "0:2", file="/i/usb", target="sdc"),
        Place("none", "none", file="/i/mmio", target="vdb"),
    ]


def device(uuid: str, **fields: object) -> BlockDevice:
    given = {"source_type": "blank", "destination_type": "local"} | fields
    return BlockDevice(uuid=uuid, instance_uuid="i", **given)  # type: ignore[arg-type]


def test_files_of_block_devices() -> None:
    """As the disks of a server are planned."""
    devices = [
        device("volume", source_type="volume", destination_type="volume"),
        device("root", source_type="image", boot_index=0),
        device("first", volume_size=1),
        device("swap", guest_format="swap", volume_size=16),
        device("second", volume_size=2),
    ]
    instance = server(block_devices=devices)
    found = {name: each.uuid for name, each in plan.files(instance).items()}
    assert found == {
        "disk": "root",
        "disk.eph0": "first",
        "disk.eph1": "second",
        "disk.swap": "swap",
    }
    image = RootImage(path=Path("/base"), format="raw", virtual_size=1)
    assert {disk.file for disk in plan.plan(instance, image, "raw")} == set(found)


def test_the_file_of_the_swap_is_the_one_that_was_planned() -> None:
    devices = [
        device("first", guest_format="swap", volume_size=16),
        device("second", guest_format="swap", volume_size=32),
        device("kept", source_type="volume", guest_format="swap", volume_size=64),
    ]
    instance = server(block_devices=devices)
    found = plan.files(instance)
    assert {name: each.uuid for name, each in found.items()} == {"disk.swap": "first"}
    image = RootImage(path=Path("/base"), format="raw", virtual_size=1)
    sizes = {disk.file: disk.size for disk in plan.plan(instance, image, "raw")}
    assert sizes["disk.swap"] == 16 << 20


def test_a_folder_is_complete_when_all_disks_are_there(tmp_path: Path) -> None:
    folder = GuestFolder(tmp_path, "11111111-2222-4333-8444-555555555555")
    instance = server(block_devices=[device("swap", guest_format="swap", volume_size=16)])
    image = RootImage(path=tmp_path, format="raw", virtual_size=1)
    record = FolderRecord(uuid="u", host="h", machine="pc", disks=plan.plan(instance, image, "raw"))
    folder.create(record)
    (folder.path / "disk").touch()
    assert not folder.is_complete(record)
    (folder.path / "disk.swap").touch()
    assert folder.is_complete(record)
