# SPDX-License-Identifier: Apache-2.0
"""The documents, to the letter: guests' software depends on each of them."""

import base64
import json

import pytest

from nova_lite.domain.devices import BlockDevice, DeviceAddress, FixedIp, Vif, VifSubnet
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.guestdata import drive, ec2, openstack, pages
from nova_lite.domain.guestdata.network import network_data
from nova_lite.domain.guestdata.value import GuestData, Surroundings
from nova_lite.domain.instance import Instance

UUID = "11111111-2222-4333-8444-555555555555"
KEY = "ssh-ed25519 AAAA me@here"
EC2 = (
    *("1.0", "2007-01-19", "2007-03-01", "2007-08-29", "2007-10-10", "2007-12-15"),
    *("2008-02-01", "2008-09-01", "2009-04-04"),
)
OPENSTACK = (
    *("2012-08-10", "2013-04-04", "2013-10-17", "2015-10-15", "2016-06-30", "2016-10-06"),
    *("2017-02-22", "2018-08-27", "2020-10-14", "2025-04-04"),
)


def flavor() -> Flavor:
    return Flavor(flavorid="1", name="m1.tiny", vcpus=1, memory_mb=64, root_gb=1)


def vif(**changes: object) -> Vif:
    given: dict[str, object] = {
        "port_id": "0a1b2c3d-4444-4555-8666-777777777777",
        "network_id": "net",
        "mac": "fa:16:3e:00:00:01",
        "vif_type": "bridge",
        "mtu": 1450,
        "fixed_ips": [FixedIp(address="10.1.0.5", subnet_id="s4", floating_ips=["203.0.113.9"])],
        "subnets": [
            VifSubnet(
                id="s4",
                cidr="10.1.0.0/24",
                gateway="10.1.0.1",
                dns=["9.9.9.9"],
                routes=[("10.9.0.0/16", "10.1.0.2")],
                dhcp=False,
            )
        ],
    }
    return Vif(**(given | changes))  # type: ignore[arg-type]


def instance(**changes: object) -> Instance:
    given: dict[str, object] = {
        "uuid": UUID,
        "id": 26,
        "project_id": "p",
        "user_id": "u",
        "display_name": "My Server",
        "hostname": "my-server",
        "flavor": flavor(),
        "availability_zone": "nova",
        "launch_index": 0,
        "reservation_id": "r-abc",
        "image_ref": "00000abc-0000-4000-8000-000000000000",
        "metadata": {"role": "web"},
        "security_groups": ["default", "web"],
        "key_name": "mine",
        "key_data": KEY,
        "key_type": "ssh",
        "user_data": base64.b64encode(b"#!/bin/sh\n\xff").decode(),
        "root_device_name": "/dev/vda",
        "vifs": [vif()],
    }
    return Instance(**(given | changes))  # type: ignore[arg-type]


def data(**changes: object) -> GuestData:
    return GuestData(instance=instance(**changes))


def around(**changes: object) -> Surroundings:
    given: dict[str, object] = {
        "dhcp_domain": "novalocal",
        "random": lambda size: b"\0" * size,
        "vendor": {"v": 1},
        "vendor2": {"static": {"v": 1}},
        "caller": "10.1.0.99",
    }
    return Surroundings(**(given | changes))  # type: ignore[arg-type]


def get(path: str, **changes: object) -> str | None:
    found = pages.page(path, data(**changes), around())
    return None if found is None else found.content.decode(errors="surrogateescape")


def meta(version: str, **changes: object) -> dict[str, object]:
    text = get(f"/openstack/{version}/meta_data.json", **changes)
    assert text is not None
    found: dict[str, object] = json.loads(text)
    return found


# --- meta_data.json ---------------------------------------------------------------------------

FIRST = {
    "uuid": UUID,
    "name": "My Server",
    "hostname": "my-server.novalocal",
    "launch_index": 0,
    "availability_zone": "nova",
    "meta": {"role": "web"},
    "public_keys": {"mine": KEY},
    "keys": [{"name": "mine", "type": "ssh", "data": KEY}],
}
SEED = {"random_seed": base64.b64encode(b"\0" * 512).decode()}


@pytest.mark.parametrize(
    ("version", "more"),
    [
        ("2012-08-10", {}),
        ("2013-04-04", SEED),
        ("2013-10-17", SEED),
        ("2015-10-15", SEED | {"project_id": "p"}),
        ("2016-06-30", SEED | {"project_id": "p", "devices": []}),
        ("2018-08-27", SEED | {"project_id": "p", "devices": []}),
        ("2020-10-14", SEED | {"project_id": "p", "devices": [], "dedicated_cpus": []}),
        ("2025-04-04", SEED | {"project_id": "p", "devices": [], "dedicated_cpus": []}),
        ("latest", SEED | {"project_id": "p", "devices": [], "dedicated_cpus": []}),
    ],
)
def test_meta_data_of_each_version(version: str, more: dict[str, object]) -> None:
    assert meta(version) == FIRST | more


def test_what_is_not_set_is_not_there() -> None:
    found = meta("2012-08-10", metadata={}, key_name=None, key_data=None)
    assert found.keys() == {"uuid", "name", "hostname", "launch_index", "availability_zone"}


def test_an_empty_domain_leaves_the_bare_name() -> None:
    made = openstack.meta_data(data(), around(dhcp_domain=""), "2012-08-10")
    assert made["hostname"] == "my-server"


def test_a_key_that_is_a_certificate_says_so() -> None:
    assert meta("latest", key_type="x509")["keys"] == [
        {"name": "mine", "type": "x509", "data": KEY}
    ]


def test_devices_with_tags() -> None:
    disk = BlockDevice(
        uuid="b",
        instance_uuid=UUID,
        source_type="volume",
        destination_type="volume",
        volume_id="vol",
        device_name="/dev/sdb",
        disk_bus="scsi",
        tag="db",
    )
    plain = BlockDevice(uuid="c", instance_uuid=UUID, source_type="image", destination_type="local")
    changes = {
        "vifs": [vif(tag="public", details={"vlan": "7"}), vif()],
        "block_devices": [plain, disk],
        "device_addresses": [
            DeviceAddress(bus="scsi", address="0:0:0:1", block_device="b", path="/dev/sdc"),
            DeviceAddress(bus="pci", address="0000:00:04.0", mac="fa:16:3e:00:00:01"),
        ],
    }
    nic = {"type": "nic", "bus": "pci", "address": "0000:00:04.0", "mac": "fa:16:3e:00:00:01"}
    nic |= {"tags": ["public"]}  # type: ignore[dict-item]
    volume = {
        "type": "disk",
        "bus": "scsi",
        "address": "0:0:0:1",
        "tags": ["db"],
        "serial": "vol",
        "path": "/dev/sdc",
    }
    assert "devices" not in meta("2015-10-15", **changes)
    assert meta("2016-06-30", **changes)["devices"] == [nic, volume]
    assert meta("2017-02-22", **changes)["devices"] == [nic | {"vlan": 7}, volume]
    with_trust = nic | {"vlan": 7, "vf_trusted": False}
    assert meta("2018-08-27", **changes)["devices"] == [with_trust, volume]
    nowhere = {"bus": "none", "address": "none"}
    assert meta("2018-08-27", **changes | {"device_addresses": []})["devices"] == [
        with_trust | nowhere,
        volume | nowhere | {"path": "/dev/sdb"},
    ]


# --- network_data.json ------------------------------------------------------------------------

LINK = {
    "id": "tap0a1b2c3d-44",
    "vif_id": "0a1b2c3d-4444-4555-8666-777777777777",
    "type": "bridge",
    "mtu": 1450,
    "ethernet_mac_address": "fa:16:3e:00:00:01",
}
DNS = [{"type": "dns", "address": "9.9.9.9"}]


def test_fixed_addresses() -> None:
    assert network_data([vif()]) == {
        "links": [LINK],
        "networks": [
            {
                "id": "network0",
                "type": "ipv4",
                "link": "tap0a1b2c3d-44",
                "network_id": "net",
                "ip_address": "10.1.0.5",
                "netmask": "255.255.255.0",
                "routes": [
                    {"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.1.0.1"},
                    {"network": "10.9.0.0", "netmask": "255.255.0.0", "gateway": "10.1.0.2"},
                ],
                "services": DNS,
            }
        ],
        "services": DNS,
    }


def test_addresses_by_dhcp() -> None:
    subnet = VifSubnet(id="s4", cidr="10.1.0.0/24", gateway="10.1.0.1", dns=["9.9.9.9"])
    assert network_data([vif(subnets=[subnet])]) == {
        "links": [LINK | {"mtu": None}],
        "networks": [
            {"id": "network0", "type": "ipv4_dhcp", "link": LINK["id"], "network_id": "net"}
        ],
        "services": DNS,
    }


def test_two_versions_of_ip_and_only_the_first_subnet_of_each() -> None:
    subnets = [
        VifSubnet(id="a", cidr="10.1.0.0/24", dhcp=False),
        VifSubnet(id="b", cidr="10.2.0.0/24", dhcp=False),
        VifSubnet(id="c", cidr="fd00::/64", version=6, gateway="fd00::1", dhcp=False),
    ]
    ips = [
        FixedIp(address="10.1.0.7", subnet_id="a"),
        FixedIp(address="fd00::7", version=6, subnet_id="c"),
    ]
    found = network_data([vif(subnets=subnets, fixed_ips=ips)])["networks"]
    assert [(n["id"], n["type"], n["ip_address"], n["netmask"]) for n in found] == [
        ("network0", "ipv4", "10.1.0.7", "255.255.255.0"),
        ("network1", "ipv6", "fd00::7", "ffff:ffff:ffff:ffff::"),
    ]
    assert found[1]["routes"] == [{"network": "::", "netmask": "::", "gateway": "fd00::1"}]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (None, "ipv6_dhcp"),
        ("slaac", "ipv6_slaac"),
        ("dhcpv6-stateless", "ipv6_dhcpv6-stateless"),
        ("dhcpv6-stateful", "ipv6_dhcpv6-stateful"),
    ],
)
def test_ways_to_an_ipv6_address(mode: str | None, expected: str) -> None:
    subnet = VifSubnet(id="c", cidr="fd00::/64", version=6, address_mode=mode)
    ips = [FixedIp(address="fd00::7", version=6, subnet_id="c")]
    (found,) = network_data([vif(subnets=[subnet], fixed_ips=ips)])["networks"]
    assert found["type"] == expected


def test_an_interface_of_which_no_subnet_is_known_asks_by_dhcp() -> None:
    made = network_data([vif(vif_type="user", subnets=[])])
    assert made["links"][0]["type"] == "phy"
    assert made["links"][0]["mtu"] is None
    assert [n["type"] for n in made["networks"]] == ["ipv4_dhcp"]


def test_no_interfaces_no_network() -> None:
    assert get("/openstack/latest/network_data.json", vifs=[]) == "{}"


# --- lists of the OpenStack tree --------------------------------------------------------------


def test_versions() -> None:
    assert get("/openstack") == get("/openstack/") == "\n".join([*OPENSTACK, "latest"])
    assert get("/") == get("/ec2") == get("") == "\n".join([*EC2, "latest"])


@pytest.mark.parametrize(
    ("version", "files"),
    [
        ("2012-08-10", "meta_data.json user_data"),
        ("2013-04-04", "meta_data.json user_data password"),
        ("2013-10-17", "meta_data.json user_data password vendor_data.json"),
        ("2015-10-15", "meta_data.json user_data password vendor_data.json network_data.json"),
        (
            "2016-10-06",
            "meta_data.json user_data password vendor_data.json network_data.json "
            "vendor_data2.json",
        ),
    ],
)
def test_files_of_each_version(version: str, files: str) -> None:
    assert get(f"/openstack/{version}") == "\n".join(files.split())
    for name in files.split():
        assert get(f"/openstack/{version}/{name}") is not None
    for name in ("password", "vendor_data.json", "network_data.json", "vendor_data2.json"):
        if name not in files.split():
            assert get(f"/openstack/{version}/{name}") is None


def test_files_that_are_not_there() -> None:
    assert get("/openstack/latest/user_data", user_data=None) is None
    assert "user_data" not in str(get("/openstack/latest", user_data=None))
    bare = around(vendor=None)
    assert pages.page("/openstack/latest/vendor_data.json", data(), bare) is None


@pytest.mark.parametrize(
    "path",
    [
        *("/openstack/2011-01-01", "/openstack/2011-01-01/meta_data.json", "/nothing"),
        *("/openstack/latest/nothing", "/openstack/latest/meta_data.json/x"),
        *("/latest/meta-data/nothing", "/latest/meta-data/hostname/x", "/2031-01-01/meta-data"),
        *("/latest/meta-data/public-keys/0/_name", "/1.0/meta-data/public-ipv4"),
    ],
)
def test_unknown_paths(path: str) -> None:
    assert get(path) is None


def test_user_data_is_raw() -> None:
    for path in ("/openstack/latest/user_data", "/latest/user-data", "/ec2/1.0/user-data/"):
        found = pages.page(path, data(), around())
        assert found == pages.Page(content=b"#!/bin/sh\n\xff", content_type="text/plain")


def test_content_types() -> None:
    for name in ("meta_data.json", "vendor_data.json", "network_data.json", "vendor_data2.json"):
        found = pages.page(f"/openstack/latest/{name}", data(), around())
        assert found is not None
        assert found.content_type == "application/json"
    assert get("/openstack/latest/vendor_data.json") == '{"v": 1}'
    assert get("/openstack/latest/vendor_data2.json") == '{"static": {"v": 1}}'


# --- EC2 --------------------------------------------------------------------------------------

ONE = {
    "ami-id": "ami-00000abc",
    "ami-launch-index": "0",
    "ami-manifest-path": "FIXME",
    "hostname": "my-server.novalocal",
    "instance-id": "i-0000001a",
    "local-ipv4": "10.1.0.5",
    "reservation-id": "r-abc",
    "security-groups": "default\nweb",
}
NAMES = {
    "local-hostname": "my-server.novalocal",
    "public-hostname": "my-server.novalocal",
    "public-ipv4": "203.0.113.9",
}


def flat(version: str, **changes: object) -> dict[str, object]:
    made = ec2.meta_data(data(**changes), around(), version)
    return {key: item for key, item in made.items() if isinstance(item, str)}


@pytest.mark.parametrize(
    ("version", "more"),
    [
        ("1.0", {}),
        ("2007-01-19", NAMES),
        ("2007-03-01", NAMES),
        ("2007-08-29", NAMES | {"instance-type": "m1.tiny"}),
        ("2007-12-15", NAMES | {"instance-type": "m1.tiny"}),
        ("2008-09-01", NAMES | {"instance-type": "m1.tiny", "instance-action": "none"}),
        ("2009-04-04", NAMES | {"instance-type": "m1.tiny", "instance-action": "none"}),
    ],
)
def test_texts_of_each_version(version: str, more: dict[str, str]) -> None:
    assert flat(version) == ONE | more


def test_folders() -> None:
    assert get("/latest") == "meta-data/\nuser-data"
    assert get("/latest", user_data=None) == "meta-data/"
    assert str(get("/2009-04-04/meta-data/")).split("\n") == sorted(
        [
            *(key for key in (ONE | NAMES)),
            *("block-device-mapping/", "instance-action", "instance-type", "placement/"),
            "public-keys/",
        ]
    )
    assert "public-keys" not in str(get("/latest/meta-data", key_name=None))
    assert get("/latest/meta-data/public-keys/") == "0=mine"
    assert get("/latest/meta-data/public-keys/0") == "openssh-key"
    assert get("/latest/meta-data/public-keys/0/openssh-key") == KEY
    assert get("/latest/meta-data/placement/availability-zone") == "nova"
    assert get("/latest/meta-data/instance-id/") == "i-0000001a"


def test_block_devices() -> None:
    def blank(**more: object) -> BlockDevice:
        given: dict[str, object] = {
            "uuid": "b",
            "instance_uuid": UUID,
            "source_type": "blank",
            "destination_type": "local",
        }
        return BlockDevice(**(given | more))  # type: ignore[arg-type]

    devices = [
        blank(device_name="/dev/vdb"),
        blank(device_name="/dev/vdc", guest_format="swap"),
        blank(source_type="volume", destination_type="volume", device_name="/dev/vdd"),
    ]
    assert ec2.block_devices(instance(block_devices=devices)) == {
        "ami": "vda",
        "root": "/dev/vda",
        "ephemeral0": "/dev/vdb",
        "swap": "/dev/vdc",
        "ebs0": "/dev/vdd",
    }
    assert ec2.block_devices(instance(root_device_name=None)) == {
        "ami": "sda1",
        "root": "/dev/sda1",
    }


def test_a_kernel_of_its_own_has_a_number() -> None:
    found = flat("latest", kernel_id="000000ff-x", ramdisk_id="000000fe-x")
    assert (found["kernel-id"], found["ramdisk-id"]) == ("aki-000000ff", "ari-000000fe")


def test_without_interfaces_the_caller_has_the_address() -> None:
    assert get("/latest/meta-data/local-ipv4", vifs=[]) == "10.1.0.99"


# --- password ---------------------------------------------------------------------------------


def test_the_place_of_the_password() -> None:
    assert get("/openstack/latest/password", guest_password="secret") == "secret"
    assert get("/openstack/latest/password") == ""
    assert pages.is_password("/openstack/2013-04-04/password/")
    for path in ("/openstack/2012-08-10/password", "/latest/password", "/openstack/latest"):
        assert not pages.is_password(path)


# --- config drive -----------------------------------------------------------------------------


def test_the_drive_has_what_the_service_has() -> None:
    found = drive.files(data(), around(), EC2[:-1])
    names = {path.split("/", 2)[1] for path in found if path.startswith("openstack/")}
    assert names == {*OPENSTACK, "latest"}
    for path, content in found.items():
        if path.startswith("openstack/"):
            page = pages.page(path, data(), around())
            assert page is not None
            assert page.content == content
    assert {path for path in found if path.startswith("ec2/")} == {
        f"ec2/{version}/{name}"
        for version in ("2009-04-04", "latest")
        for name in ("meta-data.json", "user-data")
    }
    assert not [path for path in found if path.endswith("password")]
    told = json.loads(found["ec2/latest/meta-data.json"])
    assert told["public-keys"] == {"0": {"_name": "0=mine", "openssh-key": KEY}}
    assert told["placement"] == {"availability-zone": "nova"}


def test_the_drive_alone_tells_the_password_that_was_set() -> None:
    found = drive.files(data(), around(admin_pass="s3cret"), EC2)
    assert json.loads(found["openstack/latest/meta_data.json"])["admin_pass"] == "s3cret"
    assert {path.split("/")[1] for path in found if path.startswith("ec2/")} == {"latest"}
