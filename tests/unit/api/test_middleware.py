# SPDX-License-Identifier: Apache-2.0
"""The layers around the dispatcher, one by one."""

import base64
import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from nova_lite.api.dispatch import CONTEXT
from nova_lite.api.middleware.basic import BasicContext
from nova_lite.api.middleware.context import KeystoneContext, NoAuthContext, with_implied
from nova_lite.api.middleware.faultwrap import FaultWrap
from nova_lite.api.middleware.identities import Identities, Identity, decode, encode
from nova_lite.api.middleware.requestlog import RequestLog
from nova_lite.base import policy
from nova_lite.base.context import RequestContext
from nova_lite.domain.errors import ConfigurationError
from tests.fixtures.settings import make_conf
from tests.fixtures.wsgi_client import Response, WsgiClient


class Inner:
    """The application behind a layer: keeps the context that it was given."""

    def __init__(self) -> None:
        self.contexts: list[RequestContext] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.contexts.append(environ[CONTEXT])
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]


@pytest.fixture(autouse=True)
def rules() -> None:
    policy.setup(make_conf())


def through(layer: Any, **headers: str) -> Response:
    return WsgiClient(RequestLog(layer), None, None).get("/servers", headers=headers)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# --- keystone -----------------------------------------------------------------------------------


def test_keystone_headers() -> None:
    inner = Inner()
    answer = through(
        KeystoneContext(inner),
        X_User_Id="u1",
        X_User_Name="alice",
        X_Project_Id="p1",
        X_Roles="admin, member",
        X_Service_Roles="service",
        X_Auth_Token="t",
        X_OpenStack_Request_ID="req-6f70656e-7374-41b6-b2d6-e6f76612d6c0",
    )
    assert answer.status == 200
    (context,) = inner.contexts
    assert (context.user_id, context.project_id) == ("u1", "p1")
    assert context.roles == ("admin", "member") and context.is_admin
    assert context.service_roles == ("service",)
    assert context.global_request_id == "req-6f70656e-7374-41b6-b2d6-e6f76612d6c0"
    assert context.request_id == answer.header("x-compute-request-id")


def test_keystone_without_a_user() -> None:
    assert through(KeystoneContext(Inner())).status == 401


@pytest.mark.parametrize(
    ("roles", "all_of_them"),
    [
        (["admin"], ("admin", "manager", "member", "reader")),
        (["member", "other"], ("member", "other", "reader")),
        (["reader"], ("reader",)),
        (["service"], ("service",)),
        ([], ()),
    ],
)
def test_implied_roles(roles: list[str], all_of_them: tuple[str, ...]) -> None:
    assert with_implied(roles) == all_of_them


# --- noauth2 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "user", "project", "roles"),
    [
        ("admin:p1", "admin", "p1", ("admin", "manager", "member", "reader")),
        ("bob:p1", "bob", "p1", ("member", "reader")),
        ("bob:p1:reader", "bob", "p1", ("reader",)),
        ("bob:p1:service,reader", "bob", "p1", ("service", "reader")),
        ("bob", "bob", "bob", ("member", "reader")),
    ],
)
def test_noauth2(token: str, user: str, project: str, roles: tuple[str, ...]) -> None:
    inner = Inner()
    assert through(NoAuthContext(inner), X_Auth_Token=token).status == 200
    (context,) = inner.contexts
    assert (context.user_id, context.project_id, context.roles) == (user, project, roles)
    assert context.is_admin is ("admin" in roles)


def test_noauth2_without_a_token() -> None:
    answer = through(NoAuthContext(Inner()))
    assert answer.status == 401
    assert answer.header("WWW-Authenticate") == "noauth2"
    assert answer.header("x-openstack-request-id")


# --- http_basic -----------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    hashed = bcrypt.hashpw(b"pw", bcrypt.gensalt(4)).decode()
    passwords, identities = tmp_path / "htpasswd", tmp_path / "identities.yaml"
    passwords.write_text(f"alice:{hashed}\nghost:{hashed}\n")
    identities.write_text("alice:\n  project_id: p1\n  roles: [admin]\n")
    return passwords, identities


@pytest.fixture
def inner() -> Inner:
    return Inner()


@pytest.fixture
def layer(files: tuple[Path, Path], inner: Inner) -> BasicContext:
    return BasicContext(inner, str(files[0]), str(files[1]))


def test_http_basic(layer: BasicContext, inner: Inner) -> None:
    for _ in range(2):  # the second time by what is remembered
        assert through(layer, Authorization=basic("alice", "pw")).status == 200
    for context in inner.contexts:
        assert (context.user_id, context.user_name, context.project_id) == ("alice", "alice", "p1")
        assert context.roles == ("admin", "manager", "member", "reader") and context.is_admin


@pytest.mark.parametrize(
    "header",
    [
        None,
        basic("alice", "wrong"),
        basic("bob", "pw"),
        basic("ghost", "pw"),  # has a password, and no project
        basic("alice", "x" * 73),  # more than bcrypt takes
        "Basic %%%",
        "Basic " + base64.b64encode(b"alice").decode(),
        "Bearer x",
        "Basic",
    ],
)
def test_http_basic_refuses(layer: BasicContext, inner: Inner, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert through(layer, **headers).status in (400, 401)
    assert not inner.contexts


def test_identity_headers_from_outside_are_not_believed(layer: BasicContext, inner: Inner) -> None:
    headers = {"X_User_Id": "root", "X_Project_Id": "p9", "X_Roles": "admin"}
    assert through(layer, **headers).status == 401
    assert not inner.contexts


def test_a_changed_password_is_noticed(
    layer: BasicContext, files: tuple[Path, Path], inner: Inner
) -> None:
    assert through(layer, Authorization=basic("alice", "pw")).status == 200
    files[0].write_text(f"alice:{bcrypt.hashpw(b'new', bcrypt.gensalt(4)).decode()}\n")
    assert through(layer, Authorization=basic("alice", "pw")).status == 401
    assert through(layer, Authorization=basic("alice", "new")).status == 200


def test_changed_roles_are_noticed(
    layer: BasicContext, files: tuple[Path, Path], inner: Inner
) -> None:
    through(layer, Authorization=basic("alice", "pw"))
    files[1].write_text("alice: {project_id: p2, roles: [reader], user_id: u-1}\n")
    through(layer, Authorization=basic("alice", "pw"))
    context = inner.contexts[-1]
    assert (context.user_id, context.project_id, context.is_admin) == ("u-1", "p2", False)


@pytest.mark.parametrize("name", ["htpasswd", "identities.yaml"])
def test_missing_files_are_a_matter_of_configuration(
    files: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).unlink()
    with pytest.raises(ConfigurationError) as caught:
        BasicContext(Inner(), str(files[0]), str(files[1]))
    assert "http_basic" in caught.value.values["option"]
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("text", ["[]", "alice: {roles: [a]}", "alice: {project_id: p, x: 1}", "{"])
def test_a_bad_identity_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "identities.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        Identities(str(path))


def test_identities_written_are_read() -> None:
    users = {"a": Identity(project_id="p", roles=["admin"], project_name="default")}
    assert decode(encode(users)) == users
    assert decode(b"") == {}


# --- the others -----------------------------------------------------------------------------------


def test_an_exception_becomes_a_500(caplog: pytest.LogCaptureFixture) -> None:
    def broken(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        raise KeyError("secret")

    answer = through(FaultWrap(broken))
    assert answer.status == 500
    inner = json.loads(answer.body)["computeFault"]
    assert "secret" not in inner["message"] and "KeyError" in inner["message"]
    assert str(answer.header("x-openstack-request-id")) in inner["message"]
    assert "KeyError" in caplog.text


def test_request_ids() -> None:
    answer = through(NoAuthContext(Inner()), X_Auth_Token="a:b")
    ids = answer.all("x-openstack-request-id") + answer.all("x-compute-request-id")
    assert len(ids) == 2 and len(set(ids)) == 1 and ids[0].startswith("req-")


@pytest.mark.parametrize("sent", ["req-1", "x", "req-6f70656e-7374-41b6-b2d6-e6f76612d6c0\n"])
def test_a_bad_global_request_id_is_not_taken(sent: str) -> None:
    inner = Inner()
    through(NoAuthContext(inner), X_Auth_Token="a:b", X_OpenStack_Request_ID=sent)
    assert inner.contexts[0].global_request_id is None


def test_the_access_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    client = WsgiClient(RequestLog(NoAuthContext(Inner())), "a:b", None)
    client.get("/servers?limit=1")
    line = caplog.messages[-1]
    assert line.startswith(
        '127.0.0.1 "GET /servers?limit=1" status: 200 len: 2 microversion: - time'
    )
