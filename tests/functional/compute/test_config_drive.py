# SPDX-License-Identifier: Apache-2.0
"""Servers with a config drive: who has one, and what the driver is given."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from nova_lite.compute.configdrive import DriveFiles
from nova_lite.domain.devices import DeviceAddress, Vif
from nova_lite.domain.guestdata.value import GuestFile
from nova_lite.domain.instance import Instance
from nova_lite.virt.fake.guests import FakeGuest
from tests.fixtures.cloud import Cloud
from tests.fixtures.servers import make_instance
from tests.fixtures.settings import make_conf


@pytest.fixture
def clouds(tmp_path: Path) -> Iterator[Any]:
    made: list[Cloud] = []

    def make(**options: Any) -> Cloud:
        made.append(Cloud(hosts=1, fake__state_path=str(tmp_path / "fake"), **options))
        return made[-1]

    yield make
    for cloud in made:
        cloud.stop()


def drive_of(folder: Path, uuid: str) -> list[str] | None:
    """What the pretended guest was given."""
    (file,) = (folder / "fake").rglob(f"{uuid}*")
    return msgspec.json.decode(file.read_bytes(), type=FakeGuest).config_drive


def test_a_server_that_asks_has_one(clouds: Any, tmp_path: Path) -> None:
    cloud = clouds()
    with_drive, without = cloud.server(config_drive=True), cloud.server()
    show = cloud.admin.get
    assert show(f"/v2.1/servers/{with_drive}").json["server"]["config_drive"] == "True"
    assert show(f"/v2.1/servers/{without}").json["server"]["config_drive"] == ""
    found = drive_of(tmp_path, with_drive)
    assert found is not None
    assert "openstack/latest/meta_data.json" in found
    assert "openstack/2012-08-10/meta_data.json" in found
    assert {name.split("/")[1] for name in found if name.startswith("ec2/")} == {
        *("2009-04-04", "latest"),
    }
    assert drive_of(tmp_path, without) is None


def test_a_rebuild_makes_it_anew(clouds: Any, tmp_path: Path) -> None:
    cloud = clouds()
    server = cloud.server(config_drive=True)
    body = {"rebuild": {"imageRef": cloud.image()}}
    assert cloud.admin.post(f"/v2.1/servers/{server}/action", body).status == 202
    cloud.wait_for_status(server, "ACTIVE")
    found = drive_of(tmp_path, server)
    assert found is not None
    assert "openstack/latest/meta_data.json" in found


FILE = {"path": "/etc/motd", "contents": "aGVsbG8="}
CONTENT = "openstack/content/0000"


def test_files_to_inject_are_on_it(clouds: Any, tmp_path: Path) -> None:
    cloud = clouds()
    old = cloud.client(version="2.56")
    wanted = {"name": "s", "imageRef": cloud.image(), "flavorRef": cloud.flavor()}
    wanted |= {"networks": "none", "personality": [FILE]}
    made = old.post("/v2.1/servers", {"server": wanted})
    assert made.status == 202, made.body
    server = made.json["server"]["id"]
    cloud.wait_for_status(server, "ACTIVE")
    assert old.get(f"/v2.1/servers/{server}").json["server"]["config_drive"] == "True"
    assert CONTENT in (drive_of(tmp_path, server) or [])

    body = {"rebuild": {"imageRef": cloud.image()}}
    assert cloud.admin.post(f"/v2.1/servers/{server}/action", body).status == 202
    cloud.wait_for_status(server, "ACTIVE")
    assert CONTENT not in (drive_of(tmp_path, server) or [])

    plain = cloud.server()
    body["rebuild"]["personality"] = [FILE]
    assert old.post(f"/v2.1/servers/{plain}/action", body).status == 202
    cloud.wait_for_status(plain, "ACTIVE")
    assert CONTENT in (drive_of(tmp_path, plain) or [])
    assert old.get(f"/v2.1/servers/{plain}").json["server"]["config_drive"] == "True"


def test_all_have_one_where_it_is_forced(clouds: Any, tmp_path: Path) -> None:
    cloud = clouds(force_config_drive=True)
    server = cloud.server()
    assert cloud.admin.get(f"/v2.1/servers/{server}").json["server"]["config_drive"] == "True"
    assert drive_of(tmp_path, server)


def test_one_that_vendor_data_cannot_be_had_for_is_not_built(clouds: Any) -> None:
    cloud = clouds(
        api__vendordata_providers=["DynamicJSON"],
        api__vendordata_dynamic_targets=["gone@http://127.0.0.1:9/"],
        api__vendordata_dynamic_failure_fatal=True,
    )
    server = cloud.server(config_drive=True, wait="ERROR")
    shown = cloud.admin.get(f"/v2.1/servers/{server}").json["server"]
    assert shown["status"] == "ERROR"
    cloud.server()


def files(instance: Instance, admin_pass: str | None = None, **options: Any) -> dict[str, bytes]:
    found = DriveFiles(make_conf(**options)).of(instance, "/dev/vda", admin_pass)
    assert found is not None
    return found([])


def test_what_is_on_it() -> None:
    instance = make_instance(config_drive=True)
    found = files(instance, "s3cret", api__config_drive_skip_versions="2009-04-04")
    told = json.loads(found["openstack/latest/meta_data.json"])
    assert (told["uuid"], told["admin_pass"]) == (instance.uuid, "s3cret")
    assert "ec2/1.0/meta-data.json" in found
    assert "ec2/2009-04-04/meta-data.json" not in found
    devices = json.loads(found["ec2/latest/meta-data.json"])["block-device-mapping"]
    assert devices["root"] == "/dev/vda"
    assert json.loads(found["openstack/latest/vendor_data2.json"]) == {"static": {}}
    assert DriveFiles(make_conf()).of(make_instance(), "/dev/vda", None) is None


def test_files_have_their_places() -> None:
    given = [GuestFile(path="/etc/motd", contents="aGVsbG8="), GuestFile(path="/root/x")]
    instance = make_instance(config_drive=True)
    content = DriveFiles(make_conf()).of(instance, "/dev/vda", None, given)
    assert content is not None
    found = content([])
    assert json.loads(found["openstack/latest/meta_data.json"])["files"] == [
        {"path": "/etc/motd", "content_path": "/content/0000"},
        {"path": "/root/x", "content_path": "/content/0001"},
    ]
    assert found["openstack/content/0000"] == b"hello"
    assert found["openstack/content/0001"] == b""


def test_it_tells_where_devices_are() -> None:
    """Those that have a tag."""
    vifs = [
        Vif(port_id=f"p{number}", network_id="n", mac=f"fa:16:3e:00:00:0{number}", tag=tag)
        for number, tag in enumerate((None, "front"))
    ]
    instance = make_instance(config_drive=True, vifs=vifs)
    content = DriveFiles(make_conf()).of(instance, "/dev/vda", None)
    assert content is not None
    seen = [
        DeviceAddress(bus="pci", address=f"0000:00:0{number}.0", mac=vif.mac.upper())
        for number, vif in enumerate(vifs)
    ]
    (told,) = json.loads(content(seen)["openstack/latest/meta_data.json"])["devices"]
    assert (told["mac"], told["bus"], told["address"]) == (vifs[1].mac, "pci", "0000:00:01.0")


def test_the_largest_user_data() -> None:
    most = base64.encodebytes(bytes(range(256)) * 188).decode().ljust(65_535)
    content = DriveFiles(make_conf()).of(
        make_instance(config_drive=True, user_data=most), "/dev/vda", None
    )
    assert content is not None
    assert content([])["openstack/latest/user_data"] == bytes(range(256)) * 188
