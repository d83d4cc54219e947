# SPDX-License-Identifier: Apache-2.0
"""The keystone pipeline, with an identity service that answers over HTTP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg

from nova_lite.api import wsgi
from nova_lite.base import policy
from nova_lite.base.conf import register
from nova_lite.domain.errors import ConfigurationError
from tests.fixtures.cloud import Cloud
from tests.fixtures.keystone import Keystone
from tests.fixtures.settings import make_conf
from tests.fixtures.wsgi_client import WsgiClient


@pytest.fixture(scope="module")
def keystone() -> Iterator[Keystone]:
    made = Keystone()
    made.tokens["t-admin"] = ("u-admin", "p1", ["admin", "member", "reader"])
    made.tokens["t-member"] = ("u-member", "p1", ["member", "reader"])
    made.tokens["t-nothing"] = ("u-nothing", "p1", [])
    yield made
    made.stop()


@pytest.fixture(scope="module")
def api(cloud: Cloud, keystone: Keystone) -> Any:
    """The application of the module's cloud, behind Keystone."""
    path = Path(cloud.folder) / "keystone.conf"
    path.write_text(f"[DEFAULT]\ntransport_url = memory://\n{keystone.options()}")
    conf = cfg.ConfigOpts()
    register(conf)
    conf(["--config-file", str(path)], project="nova-lite", default_config_dirs=[])
    policy.setup(conf)
    return wsgi.build(conf, cloud.bus, cloud.clients)


@pytest.fixture
def nobody(api: Any) -> WsgiClient:
    return WsgiClient(api, None)


def test_no_token_is_needed_to_look_around(nobody: WsgiClient) -> None:
    for path in ("/", "/v2.1", "/v2.1/", "/v2/", "/healthcheck", "/openapi.json"):
        assert nobody.get(path).status == 200


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_good_token_is_needed_for_the_rest(
    nobody: WsgiClient, keystone: Keystone, token: str | None
) -> None:
    answer = nobody.as_user(token).get("/v2.1/servers")
    assert answer.status == 401
    assert answer.header("WWW-Authenticate") == f'Keystone uri="{keystone.url}"'
    assert answer.header("x-openstack-request-id")


def test_roles_come_with_the_token(nobody: WsgiClient) -> None:
    assert nobody.as_user("t-member").get("/v2.1/servers").status == 200
    assert nobody.as_user("t-member").get("/v2.1/os-services").status == 403
    assert nobody.as_user("t-admin").get("/v2.1/os-services").status == 200
    assert nobody.as_user("t-nothing").get("/v2.1/servers").status == 403


def test_the_built_in_network(cloud: Cloud, keystone: Keystone) -> None:
    """The list of its versions is for everybody, the rest for those with a token."""
    keystone.tokens["t-network"] = ("u-network", "p1", ["reader"])
    keystone.tokens["t-no-role"] = ("u-no-role", "p1", [])
    path = Path(cloud.folder) / "network.conf"
    path.write_text(
        f"[DEFAULT]\ntransport_url = memory://\n{keystone.options()}\n[network]\nbackend = local\n"
    )
    conf = cfg.ConfigOpts()
    register(conf)
    conf(["--config-file", str(path)], project="nova-lite", default_config_dirs=[])
    client = WsgiClient(wsgi.build(conf, cloud.bus, cloud.clients), None)
    assert client.get("/network/").status == 200
    assert client.get("/network/v2.0/networks").status == 401
    assert client.as_user("t-network").get("/network/v2.0/networks").status == 200
    assert client.as_user("t-no-role").get("/network/v2.0/networks").status == 403


def test_the_project_comes_with_the_token(cloud: Cloud, nobody: WsgiClient) -> None:
    server = cloud.server(project="p1")
    shown = nobody.as_user("t-member").get(f"/v2.1/servers/{server}").json["server"]
    assert shown["tenant_id"] == "p1"
    other = cloud.server(project="p2")
    assert nobody.as_user("t-member").get(f"/v2.1/servers/{other}").status == 404
    assert nobody.as_user("t-admin").get(f"/v2.1/servers/{other}").status == 200


def test_headers_from_outside_are_not_believed(nobody: WsgiClient) -> None:
    headers = {"X-User-Id": "root", "X-Project-Id": "p1", "X-Roles": "admin"}
    assert nobody.get("/v2.1/os-services", headers=headers).status == 401
    assert nobody.as_user("t-member").get("/v2.1/os-services", headers=headers).status == 403


def test_a_token_is_asked_about_once(nobody: WsgiClient, keystone: Keystone) -> None:
    for _ in range(3):
        nobody.as_user("t-member").get("/v2.1/flavors")
    assert keystone.asked["t-member"] == 1


def test_keystone_is_away(cloud: Cloud, tmp_path: Path) -> None:
    gone = Keystone()
    path = tmp_path / "gone.conf"
    path.write_text(f"[DEFAULT]\ntransport_url = memory://\n{gone.options()}")
    gone.stop()
    conf = cfg.ConfigOpts()
    register(conf)
    conf(["--config-file", str(path)], project="nova-lite", default_config_dirs=[])
    app = wsgi.build(conf, cloud.bus, cloud.clients)
    assert WsgiClient(app, "t-member").get("/v2.1/servers").status == 503
    assert WsgiClient(app, None).get("/v2.1/").status == 200


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "[keystone_authtoken] auth_type: is not set"),
        ({"auth_type": "password"}, "auth_url"),
        ({"auth_type": "no-such-plugin"}, "no-such-plugin"),
    ],
)
def test_what_is_missing_is_said_at_once(cloud: Cloud, options: dict[str, str], words: str) -> None:
    conf = make_conf(transport_url="memory://")
    from keystoneauth1 import loading

    loading.register_auth_conf_options(conf, "keystone_authtoken")
    for name, value in options.items():
        conf.set_override(name, value, "keystone_authtoken")
    with pytest.raises(ConfigurationError) as caught:
        wsgi.build(conf, cloud.bus, cloud.clients)
    assert words in caught.value.message and "\n" not in caught.value.message
