# SPDX-License-Identifier: Apache-2.0
"""Changes of images by JSON patches."""

from typing import Any

import pytest

from tests.functional.api.image.lab import Images

PATHS: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
    ([{"op": "replace", "path": "/name", "value": "new"}], {"name": "new"}),
    ([{"op": "replace", "path": "/name", "value": None}], {"name": None}),
    ([{"op": "add", "path": "/color", "value": "red"}], {"color": "red"}),
    ([{"op": "add", "path": "/size~1of~0it", "value": "v"}], {"size/of~it": "v"}),
    ([{"op": "add", "path": "/kind", "value": "other"}], {"kind": "other"}),
    ([{"op": "remove", "path": "/kind"}], {"kind": None}),
    ([{"op": "move", "from": "/kind", "path": "/sort"}], {"kind": None, "sort": "k"}),
    ([{"op": "replace", "path": "/tags", "value": ["c", "c"]}], {"tags": ["c"]}),
    ([{"op": "add", "path": "/tags/0", "value": "z"}], {"tags": ["z", "a", "b"]}),
    ([{"op": "add", "path": "/tags/-", "value": "z"}], {"tags": ["a", "b", "z"]}),
    ([{"op": "replace", "path": "/tags/1", "value": "z"}], {"tags": ["a", "z"]}),
    ([{"op": "remove", "path": "/tags/0"}], {"tags": ["b"]}),
    ([{"op": "move", "from": "/tags/0", "path": "/tags/1"}], {"tags": ["b", "a"]}),
    (
        [
            {"op": "replace", "path": "/tags", "value": []},
            {"op": "add", "path": "/tags/-", "value": "q"},
            {"op": "replace", "path": "/protected", "value": True},
            {"op": "replace", "path": "/min_ram", "value": 5},
        ],
        {"tags": ["q"], "protected": True, "min_ram": 5},
    ),
    ([{"op": "replace", "path": "/visibility", "value": "community"}], {"visibility": "community"}),
    ([{"op": "replace", "path": "/disk_format", "value": "raw"}], {"disk_format": "raw"}),
    ([], {"name": "old"}),
]


@pytest.mark.parametrize(("changes", "wanted"), PATHS)
def test_changes(images: Images, changes: list[dict[str, Any]], wanted: dict[str, Any]) -> None:
    image_id = images.make(b"x", name="old", kind="k", tags=["a", "b"])["id"]
    answer = images.patch(image_id, *changes)
    assert answer.status == 200, answer.body
    assert answer.json == images.show(image_id)
    assert {name: answer.json.get(name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"op": "replace", "path": "/id", "value": "x"}, 403),
        ({"op": "replace", "path": "/status", "value": "active"}, 403),
        ({"op": "remove", "path": "/checksum"}, 403),
        ({"op": "add", "path": "/locations/-", "value": {}}, 400),
        ({"op": "add", "path": "/locations", "value": []}, 403),
        ({"op": "remove", "path": "/name"}, 403),
        ({"op": "move", "from": "/kind", "path": "/size"}, 403),
        ({"op": "replace", "path": "/disk_format", "value": "qcow2"}, 403),
        ({"op": "replace", "path": "/visibility", "value": "public"}, 403),
        ({"op": "replace", "path": "/owner", "value": "p2"}, 403),
        ({"op": "replace", "path": "/nope", "value": "x"}, 409),
        ({"op": "remove", "path": "/nope"}, 409),
        ({"op": "remove", "path": "/tags/7"}, 409),
        ({"op": "remove", "path": "/tags/x"}, 400),
        ({"op": "add", "path": "/tags/0", "value": 3}, 400),
        ({"op": "replace", "path": "/tags", "value": "ab"}, 400),
        ({"op": "replace", "path": "/tags", "value": [str(n) for n in range(129)]}, 413),
        ({"op": "replace", "path": "/protected", "value": "yes"}, 400),
        ({"op": "add", "path": "/kind", "value": 3}, 400),
        ({"op": "add", "path": "/kind/more", "value": "x"}, 400),
        ({"op": "add", "path": "kind", "value": "x"}, 400),
        ({"op": "add", "path": "/", "value": "x"}, 400),
        ({"op": "add", "path": "/kind"}, 400),
        ({"op": "move", "path": "/kind"}, 400),
        ({"op": "test", "path": "/kind", "value": "k"}, 400),
        ("nothing", 400),
    ],
)
def test_what_is_refused_changes_nothing(images: Images, change: Any, status: int) -> None:
    image_id = images.make(b"x", name="old", kind="k", tags=["a"])["id"]
    before = images.show(image_id)
    good = {"op": "add", "path": "/color", "value": "red"}
    answer = images.patch(image_id, good, change)
    assert answer.status == status, answer.body
    assert images.show(image_id) == before


def test_formats_before_there_is_data(images: Images) -> None:
    image_id = images.make(disk_format=None, container_format=None)["id"]
    assert images.upload(image_id, b"x").status == 400
    answer = images.patch(
        image_id,
        {"op": "replace", "path": "/disk_format", "value": "raw"},
        {"op": "replace", "path": "/container_format", "value": "bare"},
    )
    assert (answer.status, answer.json["disk_format"]) == (200, "raw")
    assert images.upload(image_id, b"x").status == 204


def test_administrators_publish_and_give_away(images: Images) -> None:
    image_id = images.make(b"x")["id"]
    admin = images.as_user("boss:p0:admin")
    answer = admin.patch(
        image_id,
        {"op": "replace", "path": "/visibility", "value": "public"},
        {"op": "replace", "path": "/owner", "value": "p2"},
    )
    assert (answer.json["visibility"], answer.json["owner"]) == ("public", "p2")


def test_other_media(images: Images) -> None:
    image_id = images.make()["id"]
    answer = images.patch(image_id, media="application/json")
    assert answer.status == 415
    accept = "application/openstack-images-v2.1-json-patch"
    assert answer.header("Accept-Patch") == accept
