# SPDX-License-Identifier: Apache-2.0
"""Two schedulers and two conductors racing: never more than there is room or quota for."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.daemons import DistributedCloud
from tests.fixtures.mariadb import MariaDB
from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not (MariaDB.available() and RabbitServer.available()),
        reason="needs MariaDB and RabbitMQ",
    ),
]

ROOM = 30  # servers on each of two hosts
QUOTA = 20


@pytest.fixture(scope="module")
def cloud() -> Iterator[DistributedCloud]:
    rabbit, database = RabbitServer(), MariaDB()
    made = None
    try:
        rabbit.start()
        database.start()
        made = DistributedCloud(
            rabbit.url,
            database.url("api"),
            database.url("cell1"),
            cell0_database=database.url("cell0"),
            schedulers=2,
            settings={"DEFAULT": {"cpu_allocation_ratio": 1.0}, "fake": {"vcpus": ROOM}},
        )
        made.start()
        made.add_flavor()
        made.add_image()
        yield made
    finally:
        if made is not None:
            made.stop()
        database.stop()
        rabbit.stop()


def all_at_once(cloud: DistributedCloud, count: int, project: str) -> list[tuple[int, Any]]:
    """`count` create requests at the same moment, each on its own connection."""
    image = cloud.image_id
    answers: list[tuple[int, Any]] = []
    start = threading.Barrier(count)

    def create(number: int) -> None:
        client = cloud.rest(project=project)
        body = cloud.server_body(f"race{number}", image)
        start.wait()
        answers.append(client.call("POST", "/servers", body))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def servers(cloud: DistributedCloud, project: str) -> list[dict[str, Any]]:
    status, body = cloud.rest(project=project).call("GET", "/servers/detail")
    assert status == 200, body
    return body["servers"]


def settled(cloud: DistributedCloud, project: str, count: int) -> bool:
    found = servers(cloud, project)
    return len(found) == count and all(s["OS-EXT-STS:task_state"] is None for s in found)


def remove_all(cloud: DistributedCloud, project: str) -> None:
    client = cloud.rest(project=project)
    for server in servers(cloud, project):
        client.call("DELETE", f"/servers/{server['id']}")
    wait_for(lambda: not servers(cloud, project), 120, "all servers to go")


def test_hosts_with_room_for_60_get_60(cloud: DistributedCloud) -> None:
    answers = all_at_once(cloud, 100, "race")
    assert Counter(status for status, _ in answers) == {202: 100}
    wait_for(lambda: settled(cloud, "race", 100), 300, "every server to be ACTIVE or ERROR")
    found = servers(cloud, "race")
    assert Counter(s["status"] for s in found) == {"ACTIVE": 60, "ERROR": 40}
    on_host = Counter(s["OS-EXT-SRV-ATTR:host"] for s in found if s["status"] == "ACTIVE")
    assert on_host == {"host1": ROOM, "host2": ROOM}
    for server in found:
        if server["status"] == "ERROR":
            assert server["fault"]["message"].startswith("No valid host was found."), server
            explain(cloud, server["id"])
    assert json.loads(cloud.manage("audit", "-f", "json") or "[]") == []
    remove_all(cloud, "race")
    assert json.loads(cloud.manage("audit", "-f", "json") or "[]") == []


def explain(cloud: DistributedCloud, uuid: str) -> None:
    """Each refused server says which checks refused how many hosts."""
    status, body = cloud.rest(project="race").call("GET", f"/servers/{uuid}/explain")
    assert status == 200, body
    assert sum(body["explanation"]["hosts_refused"].values()) >= 2, body


def test_a_quota_of_20_gives_20(cloud: DistributedCloud) -> None:
    status, body = cloud.rest(project="admin").call(
        "PUT", "/os-quota-sets/limited", {"quota_set": {"instances": QUOTA}}
    )
    assert status == 200, body
    answers = all_at_once(cloud, 50, "limited")
    assert Counter(status for status, _ in answers) == {202: QUOTA, 403: 50 - QUOTA}
    refused = next(body for status, body in answers if status == 403)
    assert refused["forbidden"]["message"].startswith("Quota exceeded for instances")
    wait_for(lambda: settled(cloud, "limited", QUOTA), 300, "every server to be ACTIVE")
    assert {s["status"] for s in servers(cloud, "limited")} == {"ACTIVE"}
    remove_all(cloud, "limited")
    assert json.loads(cloud.manage("audit", "-f", "json") or "[]") == []
