# SPDX-License-Identifier: Apache-2.0
"""The paste file: which pipeline, which file, what is switched on by options."""

import sys
import tomllib
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from nova_lite.api import wsgi
from nova_lite.api.middleware.identities import Identity, encode
from nova_lite.domain.errors import ConfigurationError
from tests.fixtures.cloud import Cloud
from tests.fixtures.settings import make_conf
from tests.fixtures.wsgi_client import WsgiClient
from tests.rules.tree import ROOT


def build(cloud: Cloud, **options: Any) -> WsgiClient:
    conf = make_conf(**{"transport_url": "memory://", "api__auth_strategy": "noauth2", **options})
    return WsgiClient(wsgi.build(conf, cloud.bus, cloud.clients), None)


def test_http_basic(cloud: Cloud, tmp_path: Path) -> None:
    passwords, identities = tmp_path / "htpasswd", tmp_path / "identities.yaml"
    passwords.write_bytes(b"alice:" + bcrypt.hashpw(b"pw", bcrypt.gensalt(4)))
    identities.write_bytes(encode({"alice": Identity(project_id="p1", roles=["member"])}))
    client = build(
        cloud,
        api__auth_strategy="http_basic",
        api__http_basic_auth_user_file=str(passwords),
        api__http_basic_identity_file=str(identities),
    )
    assert client.get("/v2.1/").status == 200
    refused = client.get("/v2.1/servers")
    assert refused.status == 401
    assert refused.header("WWW-Authenticate") == 'Basic realm="nova-lite"'
    good = {"Authorization": "Basic YWxpY2U6cHc="}
    assert client.get("/v2.1/servers", headers=good).status == 200
    assert client.get("/v2.1/os-services", headers=good).status == 403


def test_a_paste_file_of_ones_own(cloud: Cloud, tmp_path: Path) -> None:
    ours = Path(wsgi.find_paste_file(make_conf()))
    path = tmp_path / "paste.ini"
    path.write_text(ours.read_text().replace("/healthcheck: healthcheck", "/alive: healthcheck"))
    client = build(cloud, wsgi__api_paste_config=str(path))
    assert client.get("/alive").body == b"OK"


def test_the_paste_file_of_the_package(tmp_path: Path) -> None:
    """Where the package has been installed without its sources, the file is below the prefix."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert data["tool"]["setuptools"]["data-files"] == {"etc/nova-lite": ["etc/nova-lite/*.ini"]}
    with pytest.raises(ConfigurationError, match=f"{sys.prefix}/etc/nova-lite/nowhere.ini"):
        wsgi.find_paste_file(make_conf(wsgi__api_paste_config="nowhere.ini"))


def test_no_paste_file(cloud: Cloud) -> None:
    with pytest.raises(ConfigurationError, match="nowhere.ini"):
        build(cloud, wsgi__api_paste_config="nowhere.ini")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "osapi_compute"),
        ("[composite:osapi_compute]\nuse = call:nova_lite.api.wsgi:urlmap_factory\n/: x\n", "x"),
        (
            "[composite:osapi_compute]\nuse = call:nova_lite.api.wsgi:auth_factory\nkeystone = a\n",
            "noauth2",
        ),
    ],
)
def test_a_bad_paste_file(cloud: Cloud, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "paste.ini"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=words) as caught:
        build(cloud, wsgi__api_paste_config=str(path))
    assert "\n" not in caught.value.message


def test_headers_of_a_proxy_are_believed_where_so_wanted(cloud: Cloud) -> None:
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "public.example"}
    plain = build(cloud).get("/", headers=sent).json["versions"][1]["links"][0]["href"]
    assert plain == "http://cloud.example:8774/v2.1/"
    conf = make_conf(transport_url="memory://", api__auth_strategy="noauth2")
    from oslo_middleware import http_proxy_to_wsgi

    conf.register_opts(http_proxy_to_wsgi.OPTS, "oslo_middleware")
    conf.set_override("enable_proxy_headers_parsing", True, "oslo_middleware")
    client = WsgiClient(wsgi.build(conf, cloud.bus, cloud.clients), None)
    seen = client.get("/", headers=sent).json["versions"][1]["links"][0]["href"]
    assert seen.startswith("https://public.example")


def test_cors(cloud: Cloud) -> None:
    origin = {"Origin": "https://dashboard.example"}
    assert build(cloud).get("/v2.1/", headers=origin).header("Access-Control-Allow-Origin") is None
    conf = make_conf(transport_url="memory://", api__auth_strategy="noauth2")
    from oslo_middleware import cors

    conf.register_opts(cors.CORS_OPTS, "cors")
    conf.set_override("allowed_origin", ["https://dashboard.example"], "cors")
    client = WsgiClient(wsgi.build(conf, cloud.bus, cloud.clients), None)
    answer = client.get("/v2.1/", headers=origin)
    assert answer.header("Access-Control-Allow-Origin") == "https://dashboard.example"


def test_the_endpoint_for_tools_has_the_newest_version(cloud: Cloud) -> None:
    client = build(cloud).as_user("a:b").at(None)
    answer = client.get("/latest/servers")
    assert answer.header("OpenStack-API-Version") == "compute 2.104"
    assert client.at("2.5").get("/latest/servers").header("OpenStack-API-Version") == "compute 2.5"


def test_link_prefixes(cloud: Cloud) -> None:
    client = build(cloud, api__compute_link_prefix="https://public.example/compute")
    flavor = cloud.flavor()
    shown = client.as_user("a:b").get(f"/v2.1/flavors/{flavor}").json["flavor"]
    assert [link["href"] for link in shown["links"]] == [
        f"https://public.example/compute/v2.1/flavors/{flavor}",
        f"https://public.example/compute/flavors/{flavor}",
    ]
