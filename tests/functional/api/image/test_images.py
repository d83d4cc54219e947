# SPDX-License-Identifier: Apache-2.0
"""Images through the Image API: made, shown, listed, tagged, deactivated, deleted."""

import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.functional.api.image.lab import Images

ADMIN = "boss:p0:admin"
OTHER = "u2:p2:member"
READER = "u3:p1:reader"


def test_a_new_image(images: Images) -> None:
    body = {"name": "n", "disk_format": "qcow2", "container_format": "bare", "min_disk": 3,
            "tags": ["b", "a", "b"], "hw_disk_bus": "virtio"}  # fmt: skip
    answer = images.call("POST", "/v2/images", body)
    assert answer.status == 201
    made = answer.json
    assert answer.header("Location") == f"http://cloud.example:8774/image{made['self']}"
    assert made["file"] == f"/v2/images/{made['id']}/file"
    assert made == images.show(made["id"])
    wanted = {"name": "n", "status": "queued", "owner": "p1", "visibility": "shared",
              "min_disk": 3, "min_ram": 0, "tags": ["b", "a"], "hw_disk_bus": "virtio",
              "size": None, "checksum": None, "protected": False, "os_hidden": False,
              "schema": "/v2/schemas/image"}  # fmt: skip
    assert {name: made[name] for name in wanted} == wanted
    assert made["created_at"].endswith("Z") and made["created_at"] == made["updated_at"]


def test_an_id_of_the_caller(images: Images) -> None:
    wanted = str(uuid.uuid4())
    assert images.make(id=wanted)["id"] == wanted
    again = images.call("POST", "/v2/images", {"id": wanted})
    assert (again.status, again.fault[0]) == (409, "conflictingRequest")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ([], 400, "JSON object"),
        ({"name": "n" * 256}, 400, "name"),
        ({"name": 1}, 400, "name"),
        ({"id": "1"}, 400, "id"),
        ({"id": "../../../../etc/passwd"}, 400, "id"),
        ({"disk_format": "exe"}, 400, "'exe'"),
        ({"visibility": "all"}, 400, "'all'"),
        ({"min_ram": -1}, 400, "min_ram"),
        ({"tags": "a"}, 400, "tags"),
        ({"tags": [""]}, 400, "tags|non-empty|short"),
        ({"a": 1}, 400, "a"),
        ({"a" * 256: "b"}, 400, "long"),
        ({"": "b"}, 400, "short|non-empty"),
        ({"size": 3}, 403, "read-only"),
        ({"status": "active"}, 403, "read-only"),
        ({"locations": []}, 403, "reserved"),
        ({"visibility": "public"}, 403, "publicize"),
        ({"owner": "p2"}, 403, "another project"),
        ({f"p{n}": "" for n in range(129)}, 413, "properties"),
        ({"tags": [str(n) for n in range(129)]}, 413, "tags"),
    ],
)
def test_what_is_refused(images: Images, body: Any, status: int, message: str) -> None:
    answer = images.call("POST", "/v2/images", body)
    assert answer.status == status, answer.body
    assert any(word in answer.fault[1] for word in message.split("|")), answer.fault
    assert images.names() == []


def test_bodies_that_are_none(images: Images) -> None:
    kind = {"Content-Type": "text/plain"}
    assert images.call("POST", "/v2/images", {"name": "n"}, headers=kind).status == 415
    assert images.call("POST", "/v2/images", raw=b"{").fault == (
        "badRequest",
        "Malformed request body",
    )
    assert images.call("POST", "/v2/images", raw=b"[" * 100_000).status == 400
    assert images.call("POST", "/v2/images", {"a": "b" * 2_000_000}).status == 413


def test_who_sees_what(images: Images) -> None:
    admin, other, reader = map(images.as_user, (ADMIN, OTHER, READER))
    for name, visibility in (("mine", "private"), ("ours", "shared"), ("free", "community")):
        images.make(name=name, visibility=visibility)
    shown = admin.make(name="shown", visibility="public")
    assert sorted(images.names()) == ["free", "mine", "ours", "shown"]
    assert sorted(reader.names()) == ["free", "mine", "ours", "shown"]
    assert other.names() == ["shown"]
    assert sorted(other.names("?visibility=community")) == ["free"]
    assert sorted(admin.names("?visibility=all&owner=p1")) == ["free", "mine", "ours"]
    assert other.show(shown["id"])["name"] == "shown"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/file", None),
        ("PUT", "/file", None),
        ("DELETE", "", None),
        ("PATCH", "", []),
        ("PUT", "/tags/t", None),
        ("DELETE", "/tags/t", None),
        ("POST", "/actions/deactivate", None),
    ],
)
def test_rights(images: Images, method: str, path: str, body: Any) -> None:
    """Another project's private image is not there; one that is seen cannot be changed."""
    admin, other, reader = map(images.as_user, (ADMIN, OTHER, READER))
    private = images.make(b"x", name="mine", visibility="private")["id"]
    public = admin.make(b"x", name="shown", visibility="public")["id"]
    kind = "application/octet-stream" if path == "/file" else None
    if method == "PATCH":
        kind = "application/openstack-images-v2.1-json-patch"

    def status(who: Images, image_id: str) -> int:
        headers = {"Content-Type": kind} if kind else None
        return who.call(method, f"/v2/images/{image_id}{path}", body, headers=headers).status

    assert status(other, private) == 404
    expected = 200 if method == "GET" else 403
    assert status(other, public) == expected
    assert status(images, public) == expected
    assert status(reader, private) == expected
    assert images.show(private)["tags"] == []
    assert admin.show(public)["status"] == "active"


def test_filters(images: Images) -> None:
    images.make(b"a", name="one", tags=["x"], disk_format="qcow2")
    images.make(b"b" * 50, name="two", tags=["x", "y"], color="red")
    images.make(name="three", os_hidden=True)
    images.make(name="four", container_format="ovf")
    for query, wanted in {
        "": ["four", "two", "one"],
        "?name=two": ["two"],
        "?name=in:one,four": ["four", "one"],
        "?status=active": ["two", "one"],
        "?tag=x": ["two", "one"],
        "?tag=x&tag=y": ["two"],
        "?disk_format=qcow2": ["one"],
        "?container_format=ovf": ["four"],
        "?size_min=2": ["two"],
        "?size_max=2": ["one"],
        "?os_hidden=true": ["three"],
        "?color=red": ["two"],
        "?owner=p2": [],
        "?created_at=gt:2000-01-01T00:00:00Z": ["four", "two", "one"],
        "?updated_at=lt:2000-01-01T00:00:00Z": [],
        "?member_status=all": ["four", "two", "one"],
        "?sort=name": ["two", "one", "four"],
        "?sort=size:asc,name:asc": ["four", "one", "two"],
        "?sort_key=name&sort_dir=asc": ["four", "one", "two"],
        "?sort_key=container_format&sort_dir=desc&sort_key=name&sort_dir=asc":
            ["four", "one", "two"],
        "?sort_dir=asc": ["one", "two", "four"],
        "?limit=0": [],
    }.items():  # fmt: skip
        assert images.names(query) == wanted, query


@pytest.mark.parametrize(
    "query",
    [
        "limit=-1",
        "limit=x",
        "marker=nope",
        "sort_key=nope",
        "sort=name:sideways",
        "sort=name&sort_key=size",
        "sort_key=name&sort_dir=asc&sort_dir=asc",
        "visibility=secret",
        "size_min=x",
        "created_at=gt:yesterday",
        "member_status=x",
        "protected=maybe",
        "name=%ff",
    ],
)
def test_queries_that_are_refused(images: Images, query: str) -> None:
    images.make(name="n")
    answer = images.call("GET", f"/v2/images?{query}")
    assert (answer.status, answer.fault[0]) == (400, "badRequest")


def test_pages(images: Images) -> None:
    for number in range(30):
        images.make(name=f"n{number:02}")
    first = images.call("GET", "/v2/images").json
    assert (len(first["images"]), first["first"]) == (25, "/v2/images")
    found, path, pages = [], "/v2/images?limit=7&sort_key=name&sort_dir=asc&name=in:" + ",".join(
        f"n{number:02}" for number in range(20)
    ), 0  # fmt: skip
    while path:
        page = images.call("GET", path).json
        found += [image["name"] for image in page["images"]]
        assert "marker" not in parse_qs(urlsplit(page["first"]).query)
        path, pages = page.get("next"), pages + 1
    assert (found, pages) == ([f"n{number:02}" for number in range(20)], 3)


def test_a_page_after_an_image_that_left_the_list(images: Images) -> None:
    made = [images.make(name=f"n{number}")["id"] for number in range(4)]
    page = images.call("GET", "/v2/images?status=queued&limit=2").json
    assert [image["name"] for image in page["images"]] == ["n3", "n2"]
    assert images.upload(made[2], b"x").status == 204
    rest = images.call("GET", page["next"]).json
    assert [image["name"] for image in rest["images"]] == ["n1", "n0"]


def test_tags(images: Images) -> None:
    image_id = images.make(tags=["a"])["id"]
    path = f"/v2/images/{image_id}/tags"
    assert images.call("PUT", f"{path}/b%20c").status == 204
    assert images.call("PUT", f"{path}/b%20c").status == 204
    assert images.show(image_id)["tags"] == ["a", "b c"]
    assert images.call("DELETE", f"{path}/a").status == 204
    assert images.call("DELETE", f"{path}/a").status == 404
    assert images.show(image_id)["tags"] == ["b c"]
    assert images.call("PUT", f"{path}/{'x' * 256}").status == 400
    for number in range(127):
        assert images.call("PUT", f"{path}/{number}").status == 204
    assert images.call("PUT", f"{path}/more").status == 413


def test_deactivate_and_back(images: Images) -> None:
    admin = images.as_user(ADMIN)
    image_id = images.make(b"data")["id"]
    path = f"/v2/images/{image_id}"
    assert images.call("POST", f"{path}/actions/deactivate").status == 204
    assert images.show(image_id)["status"] == "deactivated"
    assert images.call("GET", f"{path}/file").status == 403
    assert admin.call("GET", f"{path}/file").body == b"data"
    assert images.call("POST", f"{path}/actions/reactivate").status == 204
    assert images.call("GET", f"{path}/file").body == b"data"
    queued = images.make()["id"]
    assert images.call("POST", f"/v2/images/{queued}/actions/deactivate").status == 409


def test_delete(images: Images) -> None:
    image_id = images.make(b"data", protected=True)["id"]
    refused = images.call("DELETE", f"/v2/images/{image_id}")
    assert (refused.status, "protected" in refused.fault[1]) == (403, True)
    images.patch(image_id, {"op": "replace", "path": "/protected", "value": False})
    done = images.call("DELETE", f"/v2/images/{image_id}")
    assert (done.status, done.body) == (204, b"")
    assert images.call("DELETE", f"/v2/images/{image_id}").status == 404
    assert sorted(path.name for path in images.folder.iterdir()) == [".lock"]


def test_schemas(images: Images) -> None:
    one = images.call("GET", "/v2/schemas/image").json
    many = images.call("GET", "/v2/schemas/images").json
    assert (one["name"], many["name"]) == ("image", "images")
    made = images.make(b"x", name="n")
    assert set(made) == set(one["properties"]) and one["properties"]["size"]["readOnly"]
    assert many["properties"]["images"]["items"] == one


@pytest.mark.parametrize(
    "path",
    ["/v2/images/{id}/members", "/v2/images/{id}/import", "/v2/info/import", "/v2/info/usage",
     "/v2/tasks", "/v2/metadefs/namespaces", "/v2/schemas/member"],
)  # fmt: skip
def test_what_is_not_there_says_so(images: Images, path: str) -> None:
    answer = images.call("GET", path.format(id=images.make()["id"]))
    assert answer.status == 404
    assert answer.fault[1].startswith("The local image store has no ")


def test_unknown_paths_and_methods(images: Images) -> None:
    for path in ("/v1/images", "/v2/images/a/b", "/v2/", "/abc/v2/images", "/v2/images/%2e%2e"):
        wanted = 300 if path == "/v2/" else 404
        assert images.call("GET", path).status == wanted, path
    wrong = images.call("PUT", "/v2/images")
    assert (wrong.status, wrong.header("Allow")) == (405, "GET, POST")


def test_versions_need_no_token(images: Images) -> None:
    nobody = images.client.as_user(None)
    for path, status in (("", 300), ("/", 300), ("/versions", 200), ("/v2", 300)):
        answer = nobody.get(f"/image{path}")
        assert answer.status == status
        newest = answer.json["versions"][0]
        assert newest["status"] == "CURRENT"
        href = "http://cloud.example:8774/image/v2/"
        assert {link["href"] for each in answer.json["versions"] for link in each["links"]} == {
            href
        }
    assert nobody.get("/image/v2/images").status == 401
