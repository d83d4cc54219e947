# SPDX-License-Identifier: Apache-2.0
"""What refusals repeat of a request: enough to find the place, however much was sent."""

from pathlib import Path

import pytest

from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import Response
from tests.functional.api.image import lab as images
from tests.functional.api.network import lab as networks

LONG = "z" * 6000
MOST = 500  # bytes of a refusal of something long
MOST_AT_ALL = 1100  # of one that has more to say


def assert_short(answer: Response, status: int, most: int = MOST) -> None:
    assert answer.status == status, answer.body[:MOST]
    assert len(answer.body) < most
    assert b"zzzz" in answer.body, "nothing tells what was refused"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/servers/{LONG}", 404),
        (f"/flavors/{LONG}", 404),
        (f"/servers?marker={LONG}", 400),
        (f"/flavors?marker={LONG}", 400),
    ],
)
def test_ids_and_markers(cloud: Cloud, path: str, status: int) -> None:
    assert_short(cloud.admin.get(f"/v2.1{path}"), status)


@pytest.mark.parametrize(
    "path",
    [
        "/flavors?minDisk=",
        "/flavors?is_public=",
        "/flavors?sort_key=",
        "/servers?sort_key=",
        "/servers?all_tenants=",
        "/os-aggregates/",
        "/os-hypervisors/",
        "/os-simple-tenant-usage?start=",
    ],
)
def test_whatever_else_is_asked(cloud: Cloud, path: str) -> None:
    assert_short(cloud.admin.get(f"/v2.1{path}{LONG}"), 400, most=MOST_AT_ALL)


@pytest.mark.parametrize("header", ["OpenStack-API-Version", "X-OpenStack-Nova-API-Version"])
def test_versions(cloud: Cloud, header: str) -> None:
    asked = f"compute {LONG}" if header.startswith("Open") else LONG
    answer = cloud.admin.at(None).get("/v2.1/servers", headers={header: asked})
    assert_short(answer, 400, most=MOST_AT_ALL)


@pytest.mark.parametrize("name", ["z" * 60_000, "zzzz " * 12_000])
def test_names_of_actions(cloud: Cloud, name: str) -> None:
    path = "/v2.1/servers/11111111-2222-4333-8444-555555555555/action"
    assert_short(cloud.admin.post(path, {name: None}), 400)


@pytest.mark.parametrize(
    ("path", "status"), [(f"/v2/images/{LONG}", 404), (f"/v2/images?marker={LONG}", 400)]
)
def test_images(tmp_path: Path, path: str, status: int) -> None:
    assert_short(images.build(tmp_path).call("GET", path), status)


@pytest.mark.parametrize(
    ("path", "status"), [(f"/networks/{LONG}", 404), (f"/networks?marker={LONG}", 400)]
)
def test_networks(path: str, status: int) -> None:
    assert_short(networks.build().call("GET", f"/v2.0{path}"), status)


@pytest.mark.parametrize("query", ["sort=", "sort_dir=", "limit=", "visibility=", "size_min="])
def test_lists_of_images(tmp_path: Path, query: str) -> None:
    answer = images.build(tmp_path).call("GET", f"/v2/images?{query}{LONG}")
    assert_short(answer, 400, most=MOST_AT_ALL)


def test_extensions_of_networks() -> None:
    answer = networks.build().call("GET", f"/v2.0/extensions/{LONG}")
    assert_short(answer, 404, most=MOST_AT_ALL)
