# SPDX-License-Identifier: Apache-2.0
"""Filters, order and pages of image lists."""

import datetime as dt
from typing import Any

import pytest

from nova_lite.backends.image.listing import ImageQuery, select
from nova_lite.domain.errors import Invalid
from nova_lite.domain.image import Image

DAY = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def image(number: int, **fields: Any) -> Image:
    values = {"id": f"id-{number}", "created_at": DAY + dt.timedelta(days=number), **fields}
    return Image(**values)


IMAGES = [
    image(1, name="b", size=10, disk_format="raw", tags=["x"], properties={"os": "linux"}),
    image(2, name="a", size=30, disk_format="qcow2", tags=["x", "y"], protected=True),
    image(3, name=None, size=None, status="queued", visibility="public", min_ram=64),
    image(4, name="a", size=20, disk_format="raw", owner="p", checksum="c"),
]


def ids(**query: Any) -> str:
    return "".join(i.id[-1] for i in select(IMAGES, ImageQuery(**query)))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "4321"),
        ({"name": "a"}, "42"),
        ({"name": "in:b,zz"}, "1"),
        ({"name": 'in:"b",a'}, "421"),
        ({"status": "queued"}, "3"),
        ({"id": "in:id-1,id-3"}, "31"),
        ({"owner": "p"}, "4"),
        ({"visibility": "public"}, "3"),
        ({"visibility": "all"}, "4321"),
        ({"disk_format": "raw", "name": "b"}, "1"),
        ({"protected": "True"}, "2"),
        ({"protected": "false"}, "431"),
        ({"min_ram": "64"}, "3"),
        ({"size_min": "20"}, "42"),
        ({"size_max": "20"}, "41"),
        ({"checksum": "c"}, "4"),
        ({"os": "linux"}, "1"),
        ({"os": "bsd"}, ""),
        ({"created_at": "gte:2026-05-04T00:00:00Z"}, "43"),
        ({"created_at": "lt:2026-05-04T00:00:00"}, "21"),
        ({"created_at": "2026-05-02T00:00:00Z"}, "1"),
        ({"updated_at": "gt:2026-05-02T00:00:00Z"}, ""),
    ],
)
def test_filters(filters: dict[str, str], found: str) -> None:
    assert ids(filters=filters) == found


def test_tags_are_all_wanted() -> None:
    assert ids(tags=["x"]) == "21"
    assert ids(tags=["x", "y"]) == "2"


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ([("name", "asc")], "3421"),
        ([("name", "asc"), ("size", "desc")], "3241"),
        ([("name", "desc"), ("created_at", "asc")], "1243"),
        ([("size", "desc")], "2413"),
        ([("id", "asc")], "1234"),
    ],
)
def test_order(sort: list[tuple[str, str]], found: str) -> None:
    assert ids(sort=sort) == found


def test_pages() -> None:
    assert ids(limit=2) == "43"
    assert ids(limit=2, marker="id-3") == "21"
    assert ids(limit=2, marker="id-1") == ""
    assert ids(limit=0) == ""


@pytest.mark.parametrize(
    "query",
    [
        {"marker": "id-9"},
        {"sort": [("weight", "asc")]},
        {"sort": [("name", "up")]},
        {"filters": {"visibility": "everyone"}},
        {"filters": {"protected": "maybe"}},
        {"filters": {"size_min": "-1"}},
        {"filters": {"size_min": "many"}},
        {"filters": {"created_at": "gt:yesterday"}},
        {"filters": {"name": 'in:"a'}},
    ],
)
def test_nonsense_is_refused(query: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ids(**query)
