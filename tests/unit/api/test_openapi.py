# SPDX-License-Identifier: Apache-2.0
import json
from collections.abc import Iterator
from typing import Any

import pytest

from nova_lite.api import openapi, validation
from nova_lite.api.routes import ROUTES
from nova_lite.api.versions import HISTORY
from tests.fixtures.settings import make_conf
from tests.fixtures.wsgi_client import WsgiClient

DOCUMENT = json.loads(json.dumps(openapi.document("http://cloud.example/latest")))
NOW = [r for r in ROUTES if HISTORY.offered(r.name, HISTORY.newest) and not r.hidden]


@pytest.mark.parametrize("route", NOW, ids=lambda r: r.name)
def test_every_route_is_there(route: Any) -> None:
    operation = DOCUMENT["paths"][route.path][route.method.lower()]
    assert str(route.status) in operation["responses"]
    schema = route.view.schema()
    answer = operation["responses"][str(route.status)]
    if schema is not None and route.status != 204:
        shown = answer.get("content", {}).get("application/json", {}).get("schema", {})
        assert schema == shown or schema in [*shown.get("oneOf", []), *answer.get("x-bodies", [])]
    if route.action:
        bodies = operation["requestBody"]["content"]["application/json"]["schema"]
        wanted = [s["required"] for s in bodies.get("oneOf", [bodies])]
        assert [route.action] in wanted


def test_an_answer_that_may_be_empty_promises_no_body() -> None:
    """Some actions answer 202 with a body, and most without."""
    accepted = DOCUMENT["paths"]["/servers/{id}/action"]["post"]["responses"]["202"]
    assert "content" not in accepted and accepted["x-bodies"]


def test_nothing_else_is_there() -> None:
    ours = {(r.path, r.method.lower()) for r in NOW}
    found = {(path, method) for path, of in DOCUMENT["paths"].items() for method in of}
    assert found == ours


def operations() -> Iterator[Any]:
    for of in DOCUMENT["paths"].values():
        yield from of.values()


def test_operations_have_ids_of_their_own() -> None:
    ids = [operation["operationId"] for operation in operations()]
    assert len(set(ids)) == len(ids)


def test_path_variables_are_parameters() -> None:
    for path, of in DOCUMENT["paths"].items():
        names = {part.strip("{}") for part in path.split("/") if part.startswith("{")}
        for operation in of.values():
            given = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert given == names


def schemas(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "schema":
                yield inner
            yield from schemas(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from schemas(inner)


def test_schemas_are_good_and_know_no_formats_of_ours() -> None:
    for schema in schemas(DOCUMENT):
        validation.check_schema(schema)
        for name in (*openapi.PATTERNS, "regex"):
            assert f'"format": "{name}"' not in json.dumps(schema)


def test_another_microversion_has_its_own_calls_and_bodies() -> None:
    old = openapi.document("http://cloud.example/v2.1", 1)
    assert old["info"]["version"] == "2.1"
    assert "/servers/{server_id}/explain" in old["paths"]
    assert "/os-hypervisors/statistics" in old["paths"]
    assert "/os-hypervisors/statistics" not in DOCUMENT["paths"]
    create = old["paths"]["/os-keypairs"]["post"]
    assert "200" in create["responses"] and "201" not in create["responses"]
    answer = create["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"type": "object"}
    body = create["requestBody"]["content"]["application/json"]["schema"]
    assert "type" not in body["properties"]["keypair"]["properties"]


def test_errors_can_be_told_apart() -> None:
    responses = DOCUMENT["components"]["responses"]
    check = validation.body_check(responses["409"]["content"]["application/json"]["schema"])
    check({"conflictingRequest": {"code": 409, "message": "m"}})
    with pytest.raises(Exception, match="required"):
        check({"badRequest": {"code": 400, "message": "m"}})


def test_it_is_made_for_the_place_where_it_is_asked() -> None:
    client = WsgiClient(openapi.OpenApi(make_conf()), None, None)
    assert client.request("POST", "").status == 404
    answer = client.get("")
    assert answer.header("Content-Type") == "application/json"
    assert answer.json["servers"] == [{"url": "http://cloud.example:8774/latest"}]
    away = openapi.OpenApi(make_conf(api__compute_link_prefix="https://public.example/c"))
    servers = WsgiClient(away, None, None).get("").json["servers"]
    assert servers == [{"url": "https://public.example/c/latest"}]
