# SPDX-License-Identifier: Apache-2.0
"""GET /os-simple-tenant-usage"""

import datetime as dt
import itertools
from typing import Any

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for

PATH = "/v2.1/os-simple-tenant-usage"
_projects = itertools.count(1)


@pytest.fixture
def project() -> str:
    return f"usage{next(_projects)}"


def at(hours: float) -> str:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def usage(cloud: Cloud, project: str, query: str = "", version: str = "2.104") -> dict[str, Any]:
    reader = cloud.client("alice", project, "reader").at(version)
    answer = reader.get(f"{PATH}/{project}{query}")
    assert answer.status == 200, answer.body
    return dict(answer.json["tenant_usage"])


def test_what_was_used(cloud: Cloud, project: str) -> None:
    assert usage(cloud, project) == {}
    kept = cloud.server(project=project)
    gone = cloud.server(project=project)
    cloud.admin.delete(f"/v2.1/servers/{gone}")
    wait_for(lambda: cloud.admin.get(f"/v2.1/servers/{gone}").status == 404, 20, "it to go")
    found = usage(cloud, project)
    servers = {one["instance_id"]: one for one in found["server_usages"]}
    assert servers.keys() == {kept, gone}
    assert (servers[kept]["state"], servers[kept]["ended_at"]) == ("active", None)
    assert servers[gone]["state"] == "terminated" and servers[gone]["ended_at"]
    assert found["tenant_id"] == project and found["total_hours"] > 0
    later = usage(cloud, project, f"?start={at(0.5)}&end={at(1.5)}")
    assert [one["instance_id"] for one in later["server_usages"]] == [kept]
    assert later["total_hours"] == pytest.approx(1.0)
    vcpus = servers[kept]["vcpus"]
    assert later["total_vcpus_usage"] == pytest.approx(vcpus)


def test_all_projects_for_admins(cloud: Cloud, project: str) -> None:
    cloud.server(project=project)
    usages = cloud.admin.get(PATH).json["tenant_usages"]
    (own,) = [one for one in usages if one["tenant_id"] == project]
    assert "server_usages" not in own
    detailed = cloud.admin.get(f"{PATH}?detailed=1").json["tenant_usages"]
    assert all(one["server_usages"] for one in detailed)
    assert cloud.client("bob", project, "member").get(PATH).status == 403


def test_pages_since_2_40(cloud: Cloud, project: str) -> None:
    made = {cloud.server(project=project) for _ in range(3)}
    reader = cloud.client("alice", project, "reader")
    seen: list[str] = []
    url = f"{PATH}/{project}?limit=2"
    while url:
        page = reader.get(url).json
        seen += [one["instance_id"] for one in page["tenant_usage"].get("server_usages", [])]
        links = page.get("tenant_usage_links")
        url = "/v2.1" + links[0]["href"].partition("/v2.1")[2] if links else ""
    assert sorted(seen) == sorted(made)
    assert reader.get(f"{PATH}/{project}?limit=0").json == {"tenant_usage": {}}
    assert "tenant_usage_links" not in reader.at("2.39").get(f"{PATH}/{project}").json


@pytest.mark.parametrize(
    "query",
    [
        "start=yesterday",
        "end=2026-13-01T00:00:00",
        "start=2026-02-01T00:00:00&end=2026-01-01T00:00:00",
    ],
)
def test_times_that_cannot_be(cloud: Cloud, project: str, query: str) -> None:
    answer = cloud.client("alice", project, "reader").get(f"{PATH}/{project}?{query}")
    assert answer.status == 400 and answer.fault


def test_unknown_parameters_since_2_75(cloud: Cloud, project: str) -> None:
    reader = cloud.client("alice", project, "reader")
    assert reader.get(f"{PATH}/{project}?colour=red").status == 400
    assert reader.at("2.74").get(f"{PATH}/{project}?colour=red").status == 200


def test_other_projects_are_not_shown(cloud: Cloud, project: str) -> None:
    assert cloud.client("mallory", "elsewhere", "member").get(f"{PATH}/{project}").status == 403
