# SPDX-License-Identifier: Apache-2.0
"""Host aggregates, and the availability zones that they make."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response

ZONE = "availability_zone"
UNKNOWN = "00000000-0000-4000-8000-00000000beef"
_names = itertools.count(1)


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(hosts=3)
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def host(cloud: Cloud) -> str:
    """A host that is in no aggregate."""
    return sorted(hosts_of(cloud))[0]


def hosts_of(cloud: Cloud) -> set[str]:
    services = cloud.admin.get("/v2.1/os-services?binary=nova-compute").json["services"]
    return {service["host"] for service in services}


class Aggregate:
    """One, emptied and deleted at the end."""

    def __init__(self, cloud: Cloud, **wish: Any) -> None:
        self.admin = cloud.admin
        self.name = f"aggregate{next(_names)}"
        answer = self.admin.post("/v2.1/os-aggregates", {"aggregate": {"name": self.name, **wish}})
        assert answer.status == 200, answer.body
        self.created = answer.json["aggregate"]
        self.path = f"/v2.1/os-aggregates/{self.created['id']}"

    def act(self, action: str, **body: Any) -> Response:
        return self.admin.post(f"{self.path}/action", {action: body})

    def shown(self) -> dict[str, Any]:
        return dict(self.admin.get(self.path).json["aggregate"])

    def end(self) -> None:
        for name in self.shown()["hosts"]:
            assert self.act("remove_host", host=name).status == 200
        assert self.admin.delete(self.path).status == 200


@pytest.fixture
def aggregates(cloud: Cloud) -> Iterator[Any]:
    made: list[Aggregate] = []

    def make(**wish: Any) -> Aggregate:
        made.append(Aggregate(cloud, **wish))
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_a_life(cloud: Cloud, host: str) -> None:
    made = Aggregate(cloud, availability_zone="north")
    assert made.created["availability_zone"] == "north"
    assert not {"hosts", "metadata"} & made.created.keys()
    assert made.act("add_host", host=host).json["aggregate"]["hosts"] == [host]
    answer = made.act("set_metadata", metadata={"ssd": "true", "rack": "7"})
    assert answer.json["aggregate"]["metadata"]["ssd"] == "true"
    answer = made.act("set_metadata", metadata={"rack": None})
    assert answer.json["aggregate"]["metadata"] == {"availability_zone": "north", "ssd": "true"}
    renamed = cloud.admin.put(made.path, {"aggregate": {"name": "other"}})
    assert renamed.json["aggregate"]["name"] == "other"
    listed = cloud.admin.get("/v2.1/os-aggregates").json["aggregates"]
    assert made.shown() in listed
    assert cloud.admin.delete(made.path).status == 400  # it has a host
    made.end()
    assert cloud.admin.get(made.path).status == 404


def test_a_zone_is_seen_and_servers_land_in_it(cloud: Cloud, host: str, aggregates: Any) -> None:
    zone = aggregates(availability_zone="south")
    zone.act("add_host", host=host)
    found = cloud.admin.get("/v2.1/os-availability-zone").json["availabilityZoneInfo"]
    assert "south" in {one["zoneName"] for one in found}
    for _ in range(3):
        uuid = cloud.server(project="zones", availability_zone="south")
        server = cloud.wait_for_status(uuid, "ACTIVE")
        assert server["OS-EXT-SRV-ATTR:host"] == host
        assert server["OS-EXT-AZ:availability_zone"] == "south"
        refused = zone.act("remove_host", host=host)
        assert refused.status == 409 and "has servers" in refused.fault[1]
        changed = zone.act("set_metadata", metadata={"availability_zone": "west"})
        assert changed.status == 400 and "has servers" in changed.fault[1]
        cloud.admin.delete(f"/v2.1/servers/{uuid}")
        wait_for(lambda u=uuid: cloud.admin.get(f"/v2.1/servers/{u}").status == 404, 20, "it to go")


def test_a_host_is_in_one_zone(host: str, aggregates: Any) -> None:
    one, two = aggregates(availability_zone="z1"), aggregates(availability_zone="z2")
    assert one.act("add_host", host=host).status == 200
    answer = two.act("add_host", host=host)
    assert answer.status == 409 and "z1 and z2" in answer.fault[1]
    assert two.act("set_metadata", metadata={"availability_zone": None}).status == 200
    assert two.act("add_host", host=host).status == 200
    assert two.act("set_metadata", metadata={"availability_zone": "z3"}).status == 400
    assert one.act("add_host", host=host).status == 409  # it is there


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "", {"aggregate": {}}, 400),
        ("POST", "", {"aggregate": {"name": ""}}, 400),
        ("POST", "", {"aggregate": {"name": "x" * 256}}, 400),
        ("POST", "", {"aggregate": {"name": "x", "availability_zone": "a:b"}}, 400),
        ("PUT", "/999999", {"aggregate": {"name": "x"}}, 404),
        ("PUT", "/999999", {"aggregate": {}}, 400),
        ("PUT", "/x", {"aggregate": {"name": "x"}}, 400),
        ("DELETE", "/999999", None, 404),
        ("GET", "/999999", None, 404),
        ("GET", "/99999999999999999999", None, 400),
        ("POST", "/999999/action", {"add_host": {"host": "host1"}}, 404),
        ("POST", "/999999/action", {"remove_host": {"host": "host1"}}, 404),
        ("POST", "/999999/action", {"set_metadata": {"metadata": {"a": "b"}}}, 404),
        ("POST", "/999999/action", {"set_metadata": {"metadata": {"a": 1}}}, 400),
        ("POST", "/999999/action", {"set_metadata": {"metadata": {ZONE: "a:b"}}}, 400),
        ("POST", "/999999/action", {"set_metadata": {"metadata": {ZONE: " a"}}}, 400),
        ("POST", "/999999/action", {"set_metadata": {"metadata": {"ä": "b"}}}, 400),
        ("POST", "/999999/action", {"set_metadata": {}}, 400),
        ("POST", "/999999/action", {"add_host": {"host": ""}}, 400),
        ("POST", "/999999/action", {"add_host": {"host": "h", "more": 1}}, 400),
        ("POST", "/999999/action", {"remove_host": {}}, 400),
        ("POST", "/999999/images", {"cache": [{"id": FAKE_IMAGE_ID}]}, 404),
        ("POST", "/999999/action", {"explode": {}}, 400),
    ],
    ids=str,
)
def test_what_cannot_be(cloud: Cloud, method: str, path: str, body: Any, status: int) -> None:
    answer = cloud.admin.request(method, f"/v2.1/os-aggregates{path}", body)
    assert answer.status == status and answer.fault


def test_unknown_hosts_and_names_that_are_taken(cloud: Cloud, host: str, aggregates: Any) -> None:
    one, two = aggregates(), aggregates()
    assert one.act("add_host", host="nowhere").status == 404
    assert one.act("remove_host", host=host).status == 404
    again = cloud.admin.post("/v2.1/os-aggregates", {"aggregate": {"name": one.name}})
    assert again.status == 409
    assert cloud.admin.put(two.path, {"aggregate": {"name": one.name}}).status == 409
    assert two.act("set_metadata", metadata={"availability_zone": ""}).status == 400


def test_uuid_since_2_41(cloud: Cloud, aggregates: Any) -> None:
    path = aggregates().path
    assert "uuid" not in cloud.admin.at("2.40").get(path).json["aggregate"]
    assert "uuid" in cloud.admin.at("2.41").get(path).json["aggregate"]


def test_a_zone_is_renamed_and_given_up_without_servers(
    cloud: Cloud, host: str, aggregates: Any
) -> None:
    one = aggregates(availability_zone="before")
    one.act("add_host", host=host)
    changed = cloud.admin.put(one.path, {"aggregate": {ZONE: "after"}})
    assert changed.json["aggregate"]["metadata"] == {ZONE: "after"}
    assert zone_of(cloud, host) == "after"
    changed = cloud.admin.put(one.path, {"aggregate": {ZONE: None}})
    assert (changed.status, changed.json["aggregate"][ZONE]) == (200, None)
    assert zone_of(cloud, host) == "nova"


def zone_of(cloud: Cloud, host: str) -> str:
    services = cloud.admin.get(f"/v2.1/os-services?host={host}&binary=nova-compute")
    return str(services.json["services"][0]["zone"])


def test_the_default_zone_by_name_moves_nobody(cloud: Cloud, aggregates: Any) -> None:
    """Servers do not stop what leaves them where they are."""
    uuid = cloud.server(project="zones")
    where = cloud.wait_for_status(uuid, "ACTIVE")["OS-EXT-SRV-ATTR:host"]
    default, other = aggregates(availability_zone="nova"), aggregates(availability_zone="z4")
    assert other.act("add_host", host=where).status == 409
    assert default.act("add_host", host=where).status == 200
    assert default.act("remove_host", host=where).status == 200
    cloud.admin.delete(f"/v2.1/servers/{uuid}")
    cloud.wait_until_gone(uuid)
    assert other.act("add_host", host=where).status == 200


def test_a_zone_with_a_host(cloud: Cloud, host: str, aggregates: Any) -> None:
    """`zone:host` is for administrators, and goes by no filter."""
    zone = aggregates(availability_zone="east")
    zone.act("add_host", host=host)
    other = sorted(hosts_of(cloud))[1]
    body = {
        "name": "s",
        "imageRef": cloud.image(),
        "flavorRef": cloud.flavor(),
        "networks": "none",
    }
    for wanted, lands in ((f"east:{host}", host), (f"nova:{other}", other)):
        made = cloud.admin.post("/v2.1/servers", {"server": {**body, ZONE: wanted}})
        assert made.status == 202, made.body
        uuid = made.json["server"]["id"]
        assert cloud.wait_for_status(uuid, "ACTIVE")["OS-EXT-SRV-ATTR:host"] == lands
        cloud.admin.delete(f"/v2.1/servers/{uuid}")
        cloud.wait_until_gone(uuid)
    member = cloud.client("u", "zones", "member")
    refused = member.post("/v2.1/servers", {"server": {**body, ZONE: f"east:{host}"}})
    assert refused.status == 403
    refused = member.post("/v2.1/servers", {"server": {**body, ZONE: "nowhere"}})
    assert refused.status == 400


def test_members_may_not(cloud: Cloud, aggregates: Any) -> None:
    path = aggregates().path
    member = cloud.client("u", "p", "member")
    assert member.get("/v2.1/os-aggregates").status == 403
    assert member.post(f"{path}/action", {"add_host": {"host": "h"}}).status == 403
    assert member.post(f"{path}/images", {"cache": [{"id": FAKE_IMAGE_ID}]}).status == 403


# --- images -----------------------------------------------------------------------------------


def test_hosts_have_images_ahead(
    cloud: Cloud, host: str, aggregates: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="nova_lite.conductor.handlers.precache")
    one = aggregates()
    one.act("add_host", host=host)
    answer = cloud.admin.post(f"{one.path}/images", {"cache": [{"id": FAKE_IMAGE_ID}]})
    assert (answer.status, answer.body) == (202, b"")
    told = f"Host {host} has image {FAKE_IMAGE_ID}"
    wait_for(lambda: told in caplog.messages, 20, told)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cache": []},
        {"cache": None},
        {"cache": FAKE_IMAGE_ID},
        {"cache": [FAKE_IMAGE_ID]},
        {"cache": [{"id": "x"}]},
        {"cache": [{}]},
        {"cache": [{"id": FAKE_IMAGE_ID, "name": "x"}]},
        {"cache": [{"id": FAKE_IMAGE_ID}, {"id": FAKE_IMAGE_ID}]},
        {"cache": [{"id": FAKE_IMAGE_ID}], "more": 1},
        {"cache": [{"id": FAKE_IMAGE_ID}, {"id": UNKNOWN}]},
    ],
    ids=str,
)
def test_images_that_cannot_be_cached(cloud: Cloud, aggregates: Any, body: Any) -> None:
    answer = cloud.admin.post(f"{aggregates().path}/images", body)
    assert answer.status == 400 and answer.fault


def test_images_since_2_81(cloud: Cloud, aggregates: Any) -> None:
    path = f"{aggregates().path}/images"
    body = {"cache": [{"id": FAKE_IMAGE_ID}]}
    assert cloud.admin.at("2.80").post(path, body).status == 404
    assert cloud.admin.at("2.81").post(path, body).status == 202
