# SPDX-License-Identifier: Apache-2.0
"""The password that a server's guest has made up and told, encrypted with the server's key."""

import argparse
import base64
import binascii
from pathlib import Path
from typing import Any

from nova_lite.cli.errors import UsageError
from nova_lite.cli.output import Do, ShowIt, fields


class ShowPassword(ShowIt):
    """Show the password that a guest has told.

    It is encrypted with the public key of the server's key pair: without --private-key it is
    shown as it is kept.

    Example: nova-lite server password show web --private-key ~/.ssh/id_rsa
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument(
            "--private-key", type=Path, metavar="FILE", help="the private RSA key, to decrypt it"
        )
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        server = self.api.server(args.server)["id"]
        told = str(self.api.get(f"/servers/{server}/os-server-password")["password"])
        if told and args.private_key is not None:
            told = decrypted(told, args.private_key)
        return fields({"password": told})


class ClearPassword(Do):
    """Forget the password that a guest has told. In the guest it stays what it is.

    Example: nova-lite server password clear web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        server = self.api.server(args.server)["id"]
        self.api.delete(f"/servers/{server}/os-server-password")


def decrypted(told: str, key_file: Path) -> str:
    """UsageError where key and text do not fit together."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    try:
        text = key_file.read_bytes()
        is_ssh = b"OPENSSH PRIVATE KEY" in text
        load = serialization.load_ssh_private_key if is_ssh else serialization.load_pem_private_key
        key = load(text, password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{key_file} cannot be read as a private key: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UsageError(f"{key_file} is no RSA key: passwords are encrypted with these only")
    try:
        return key.decrypt(base64.b64decode(told, validate=True), padding.PKCS1v15()).decode()
    except (ValueError, binascii.Error) as error:
        raise UsageError("the password is not encrypted for this key") from error
