# SPDX-License-Identifier: Apache-2.0
"""The password that a guest told: kept once, shown to who may, forgotten."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from nova_lite.base.context import service_context
from nova_lite.cli.commands.password import decrypted
from nova_lite.cli.errors import UsageError
from nova_lite.domain import errors
from tests.fixtures.cloud import Cloud


def test_told_shown_and_forgotten(cloud: Cloud) -> None:
    server = cloud.server(project="told", metadata={"a": "b"})
    owner = cloud.client("alice", "told", "member")
    path = f"/v2.1/servers/{server}/os-server-password"
    conductor, context = cloud.clients.conductor, service_context()
    assert owner.get(path).json == {"password": ""}

    conductor.set_guest_password(context, uuid=server, password="x" * 1020)
    assert owner.get(path).json == {"password": "x" * 1020}
    assert conductor.get_guest_data(context, uuid=server).instance.guest_password == "x" * 1020
    with pytest.raises(errors.GuestPasswordExists):
        conductor.set_guest_password(context, uuid=server, password="y")
    assert owner.get(path).json == {"password": "x" * 1020}

    answer = owner.delete(path)
    assert (answer.status, answer.body) == (204, b"")
    assert owner.get(path).json == {"password": ""}
    assert owner.delete(path).status == 204
    conductor.set_guest_password(context, uuid=server, password="y")
    assert owner.get(path).json == {"password": "y"}
    assert cloud.client("bob", "other", "member").get(path).status == 404


def test_what_is_refused(cloud: Cloud) -> None:
    server = cloud.server()
    conductor, context = cloud.clients.conductor, service_context()
    with pytest.raises(errors.Invalid):
        conductor.set_guest_password(context, uuid=server, password="x" * 1021)
    with pytest.raises(errors.InstanceNotFound):
        conductor.set_guest_password(context, uuid="nobody", password="x")
    with pytest.raises(errors.InstanceNotFound):
        conductor.get_guest_data(context, uuid="nobody")


@pytest.mark.parametrize("kind", ["PEM", "OpenSSH"])
def test_the_command_decrypts(tmp_path: Path, kind: str) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    formats = {
        "PEM": serialization.PrivateFormat.TraditionalOpenSSL,
        "OpenSSH": serialization.PrivateFormat.OpenSSH,
    }
    file = tmp_path / "key"
    nothing = serialization.NoEncryption()
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, formats[kind], nothing))
    told = base64.b64encode(key.public_key().encrypt(b"s3cret", padding.PKCS1v15())).decode()
    assert decrypted(told, file) == "s3cret"


def test_keys_that_do_not_fit(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        decrypted("eA==", file)
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    file.write_bytes(curve)
    with pytest.raises(UsageError, match="RSA"):
        decrypted("eA==", file)
    with pytest.raises(UsageError, match="cannot be read"):
        decrypted("eA==", tmp_path / "missing")
