# SPDX-License-Identifier: Apache-2.0
"""Where a guest in user mode is reached by ssh."""

from collections.abc import Iterator

import pytest

from tests.fixtures.cloud import Cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(hosts=1, network__backend="user")
    try:
        yield made
    finally:
        made.stop()


def test_the_port_of_a_guest_stays(cloud: Cloud) -> None:
    server = cloud.server(project="ours", networks="auto")
    owner = cloud.client("alice", "ours", "reader")
    answer = owner.get(f"/v2.1/servers/{server}/ssh")
    assert answer.status == 200, answer.body
    told = answer.json["ssh"]
    assert told["address"] == "127.0.0.1" and 22000 <= told["port"] < 23000
    assert set(told) == {"address", "port"}
    assert cloud.admin.get(f"/v2.1/servers/{server}/ssh").json["ssh"]["host"] == "machine"

    stop = cloud.client("alice", "ours", "member")
    assert stop.post(f"/v2.1/servers/{server}/action", {"os-stop": None}).status == 202
    cloud.wait_for_status(server, "SHUTOFF")
    assert owner.get(f"/v2.1/servers/{server}/ssh").status == 409
    assert stop.post(f"/v2.1/servers/{server}/action", {"os-start": None}).status == 202
    cloud.wait_for_status(server, "ACTIVE")
    assert owner.get(f"/v2.1/servers/{server}/ssh").json["ssh"] == told


def test_a_guest_without_an_interface_has_none(cloud: Cloud) -> None:
    server = cloud.server(project="ours")
    answer = cloud.client("alice", "ours", "member").get(f"/v2.1/servers/{server}/ssh")
    assert answer.status == 409
    assert "use its addresses" in str(answer.json)


def test_it_is_nobody_elses_business(cloud: Cloud) -> None:
    server = cloud.server(project="ours", networks="auto")
    eve = cloud.client("eve", "elsewhere", "member")
    assert eve.get(f"/v2.1/servers/{server}/ssh").status == 404


def test_guests_in_user_mode_have_a_config_drive(cloud: Cloud) -> None:
    server = cloud.server(project="ours", networks="auto")
    assert cloud.admin.get(f"/v2.1/servers/{server}").json["server"]["config_drive"] == "True"
