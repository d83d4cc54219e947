# SPDX-License-Identifier: Apache-2.0
"""Host aggregates, and the availability zones that they make."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response

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
