# SPDX-License-Identifier: Apache-2.0
"""From a body to a CreateServers, and which bodies are taken when."""

from typing import Any

import pytest

from nova_lite.api.resources.servers import create
from nova_lite.api.resources.servers.create import Created, read, zone_parts
from nova_lite.domain.devices import BlockDeviceWish, NetworkWish
from nova_lite.domain.errors import Invalid, PolicyNotAuthorized
from nova_lite.domain.request import CreatedServers, CreateServers
from tests.fixtures.api_request import ADMIN, MEMBER, check_body, make_request

UUID = "6f70656e-7374-41b6-b2d6-e6f76612d6c0"


def body(**fields: Any) -> dict[str, Any]:
    given = {"name": "n", "flavorRef": "1", "imageRef": UUID, "networks": "none", **fields}
    return {"server": {name: value for name, value in given.items() if value is not ...}}


def wanted(**fields: Any) -> CreateServers:
    given = body(**fields)
    check_body("servers.create", 104, given)
    return read(make_request(), given)


# --- which version takes what ---------------------------------------------------------------

ADDED = [
    (19, {"description": "d"}),
    (52, {"tags": ["t"]}),
    (63, {"trusted_image_certificates": ["c"]}),
    (74, {"host": "h"}),
    (74, {"hypervisor_hostname": "h"}),
    (90, {"hostname": "h"}),
]


@pytest.mark.parametrize(("since", "fields"), ADDED, ids=lambda v: str(v))
def test_fields_since(since: int, fields: dict[str, Any]) -> None:
    networks: Any = [] if since < 37 else "none"
    check_body("servers.create", since, body(networks=networks, **fields))
    before: Any = [] if since - 1 < 37 else "none"
    with pytest.raises(Invalid, match="Additional properties"):
        check_body("servers.create", since - 1, body(networks=before, **fields))


def test_personality_ends_at_2_57() -> None:
    files = [{"path": "/a", "contents": "YQ=="}]
    check_body("servers.create", 56, body(personality=files))
    with pytest.raises(Invalid):
        check_body("servers.create", 57, body(personality=files))


def takes(version: int, **fields: Any) -> bool:
    try:
        check_body("servers.create", version, body(**fields))
    except Invalid:
        return False
    return True


def test_the_tag_of_networks_comes_and_goes() -> None:
    taken = [v for v in range(1, 105) if takes(v, networks=[{"uuid": UUID, "tag": "t"}])]
    assert taken == [*range(32, 37), *range(42, 105)]


def test_the_tag_of_block_devices_comes_and_goes() -> None:
    device = {"source_type": "blank", "destination_type": "local", "tag": "t"}
    taken = [v for v in range(1, 105) if takes(v, networks=[], block_device_mapping_v2=[device])]
    assert taken == [32, *range(42, 105)]


def test_volume_type_since_2_67() -> None:
    device = {"source_type": "blank", "volume_type": "fast"}
    assert not takes(66, block_device_mapping_v2=[device])
    assert takes(67, block_device_mapping_v2=[device])


def test_networks() -> None:
    assert takes(36, networks=...) and not takes(37, networks=...)
    assert not takes(36, networks="auto")
    assert takes(37, networks="auto") and takes(37, networks="none")
    assert not takes(37, networks="some")
    assert takes(36, networks=[{"uuid": "no-uuid"}]) and not takes(37, networks=[{"uuid": "no"}])


def test_hostnames() -> None:
    assert not takes(93, hostname="a.b") and takes(94, hostname="a.b")
    assert not takes(93, hostname="a" * 64) and takes(94, hostname="a" * 64)
    for bad in ("", "-a", "a-", "a_b", "ä"):
        assert not takes(104, hostname=bad)


@pytest.mark.parametrize(
    "fields",
    [
        {"tags": ["t"] * 51},
        {"tags": ["a,b"]},
        {"tags": ["a/b"]},
        {"tags": [""]},
        {"metadata": {"a": 1}},
        {"metadata": {"ä": "b"}},
        {"metadata": {"a": "b" * 256}},
        {"user_data": "a" * 65536},
        {"OS-DCF:diskConfig": "auto"},
        {"flavorRef": ""},
        {"min_count": "1.5"},
        {"trusted_image_certificates": []},
        {"trusted_image_certificates": ["a", "a"]},
        {"block_device_mapping_v2": [{"source_type": "nix"}]},
        {"block_device_mapping_v2": [{"volume_size": 0}]},
        {"security_groups": ["default"]},
        {"security_groups": [{}]},
        {"key_name": ""},
        {"config_drive": "perhaps"},
        {"accessIPv6": "1.2.3.4"},
    ],
    ids=str,
)
def test_refused_values(fields: dict[str, Any]) -> None:
    assert not takes(104, **fields)


def test_hints_are_open() -> None:
    given = body()
    given["os:scheduler_hints"] = {"group": UUID, "my_own": {"a": 1}}
    check_body("servers.create", 104, given)
    assert read(make_request(), given).scheduler_hints == {"group": UUID, "my_own": {"a": 1}}
    given["os:scheduler_hints"] = {"group": "x"}
    with pytest.raises(Invalid):
        check_body("servers.create", 104, given)


# --- what becomes of it -------------------------------------------------------------------------


def test_the_least() -> None:
    found = wanted()
    assert (found.name, found.flavor_ref, found.image_ref) == ("n", "1", UUID)
    assert (found.min_count, found.max_count, found.networks) == (1, 1, "none")
    assert found.admin_pass is not None and len(found.admin_pass) == 12
    assert found.auto_disk_config is None and found.availability_zone is None


@pytest.mark.parametrize(
    ("fields", "counts"),
    [
        ({}, (1, 1)),
        ({"min_count": 2}, (2, 2)),
        ({"max_count": "3"}, (1, 3)),
        ({"min_count": "2", "max_count": 3}, (2, 3)),
    ],
)
def test_counts(fields: dict[str, Any], counts: tuple[int, int]) -> None:
    found = wanted(**fields)
    assert (found.min_count, found.max_count) == counts


def test_counts_the_wrong_way_round() -> None:
    with pytest.raises(Invalid, match="min_count must be <= max_count"):
        wanted(min_count=3, max_count=2)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (None, (None, None, None)),
        ("az", ("az", None, None)),
        ("az:h", ("az", "h", None)),
        ("az:h:n", ("az", "h", "n")),
        ("az::n", ("az", None, "n")),
        (":h", (None, "h", None)),
    ],
)
def test_zones(text: str | None, parts: tuple[Any, ...]) -> None:
    assert zone_parts(text) == parts


def test_a_zone_of_four_parts() -> None:
    with pytest.raises(Invalid):
        zone_parts("a:b:c:d")


def test_networks_in_words_of_the_domain() -> None:
    found = wanted(
        networks=[
            {"uuid": UUID, "fixed_ip": "10.0.0.5", "tag": "t"},
            {"port": UUID, "uuid": UUID},
        ]
    )
    assert found.networks == [
        NetworkWish(uuid=UUID, fixed_ip="10.0.0.5", tag="t"),
        NetworkWish(port=UUID),
    ]


@pytest.mark.parametrize(
    "networks",
    [
        [{"port": UUID}, {"port": UUID}],
        [{"port": UUID, "fixed_ip": "10.0.0.5"}],
        [{}],
        [{"tag": "t"}],
    ],
)
def test_networks_that_contradict_themselves(networks: Any) -> None:
    with pytest.raises(Invalid):
        wanted(networks=networks)


def test_block_devices() -> None:
    found = wanted(
        imageRef="",
        block_device_mapping_v2=[
            {
                "source_type": "volume",
                "uuid": UUID,
                "boot_index": "0",
                "volume_size": "3",
                "delete_on_termination": "true",
            },
            {"source_type": "blank", "destination_type": "local", "boot_index": None},
        ],
    )
    assert found.image_ref is None and not found.legacy_block_devices
    assert found.block_devices == [
        BlockDeviceWish(
            source_type="volume",
            uuid=UUID,
            boot_index=0,
            volume_size=3,
            delete_on_termination=True,
        ),
        BlockDeviceWish(source_type="blank", destination_type="local"),
    ]


def test_old_block_devices() -> None:
    old = {"volume_id": UUID, "device_name": "vda", "delete_on_termination": "0"}
    found = wanted(imageRef=..., block_device_mapping=[old])
    assert found.legacy_block_devices
    assert found.block_devices == [
        BlockDeviceWish(
            source_type="volume", destination_type="volume", uuid=UUID, device_name="vda"
        )
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"imageRef": ""},
        {"imageRef": ...},
        {"block_device_mapping_v2": [{"source_type": "volume"}]},
        {"block_device_mapping_v2": [{"source_type": "blank", "uuid": UUID}]},
        {"block_device_mapping_v2": [{"destination_type": "local"}]},
        {
            "block_device_mapping": [{"volume_id": UUID}],
            "block_device_mapping_v2": [{"source_type": "volume", "uuid": UUID}],
        },
        {"availability_zone": "az:h", "host": "h2"},
    ],
    ids=str,
)
def test_what_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        wanted(**fields)


def test_password() -> None:
    assert wanted(adminPass="secret").admin_pass == "secret"
    found = read(make_request(password_length=20), body())
    assert found.admin_pass is not None and len(found.admin_pass) == 20


# --- rights, and the answer ----------------------------------------------------------------------


class Conductor:
    """Takes every request."""

    def __init__(self) -> None:
        self.conductor = self

    def create_servers(self, context: Any, *, request: CreateServers) -> CreatedServers:
        self.request = request
        return CreatedServers(reservation_id="r-1", uuids=[UUID], security_groups=["default"])


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"availability_zone": "az:h"}, "os_compute_api:servers:create:forced_host"),
        ({"availability_zone": "az::n"}, "os_compute_api:servers:create:forced_host"),
        ({"host": "h"}, "compute:servers:create:requested_destination"),
        ({"hypervisor_hostname": "h"}, "compute:servers:create:requested_destination"),
    ],
)
def test_what_only_administrators_may(fields: dict[str, Any], rule: str) -> None:
    clients = Conductor()
    with pytest.raises(PolicyNotAuthorized) as caught:
        create.create(make_request(context=MEMBER), clients, None, body(**fields))
    assert caught.value.values["rule"] == rule
    create.create(make_request(context=ADMIN), clients, None, body(**fields))
    assert clients.request.name == "n"


def test_zero_disk_flavors_are_checked_for_those_who_may_not() -> None:
    clients = Conductor()
    create.create(make_request(context=MEMBER), clients, None, body())
    assert clients.request.check_zero_disk
    create.create(make_request(context=ADMIN), clients, None, body())
    assert not clients.request.check_zero_disk


def test_the_answer() -> None:
    request = make_request()
    made = create.create(request, Conductor(), None, body(adminPass="pw"))
    shown = create.CREATED.render(request, made)["server"]
    assert shown["id"] == UUID and shown["adminPass"] == "pw"
    assert shown["security_groups"] == [{"name": "default"}]
    assert shown["OS-DCF:diskConfig"] == "MANUAL"
    assert create.CREATED.location(request, made) == shown["links"][0]["href"]


def test_the_answer_by_reservation() -> None:
    request = make_request()
    made = create.create(request, Conductor(), None, body(return_reservation_id=True))
    assert create.CREATED.render(request, made) == {"reservation_id": "r-1"}
    assert create.CREATED.location(request, made) is None


def test_no_password_where_it_is_switched_off() -> None:
    request = make_request(api__enable_instance_password=False)
    made = create.create(request, Conductor(), None, body(adminPass="pw"))
    assert isinstance(made, Created)
    assert "adminPass" not in create.CREATED.render(request, made)["server"]
