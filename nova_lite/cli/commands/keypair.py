# SPDX-License-Identifier: Apache-2.0
"""Key pairs. The private key is made here and never leaves this machine."""

import argparse
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nova_lite.cli.each import for_each
from nova_lite.cli.errors import UsageError
from nova_lite.cli.files import contents
from nova_lite.cli.output import Do, ListThem, ShowIt, fields, rows


class ListKeypairs(ListThem):
    """List your key pairs.

    Example: nova-lite keypair list
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        found = [item["keypair"] for item in self.api.pages("/os-keypairs", "keypairs")]
        return rows(["Name", "Fingerprint", "Type"], ["name", "fingerprint", "type"], found)


class ShowKeypair(ShowIt):
    """Show a key pair.

    Example: nova-lite keypair show me
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return fields(self.api.get(f"/os-keypairs/{quote(args.name, safe='')}")["keypair"])


class CreateKeypair(ShowIt):
    """Import a public key, or make a new ed25519 pair and keep its private part in a file.

    Examples:
      nova-lite keypair create --public-key ~/.ssh/id_ed25519.pub me
      nova-lite keypair create --private-key new.key new
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--public-key", type=Path, metavar="FILE")
        source.add_argument("--private-key", type=Path, metavar="FILE", help="file to write")
        parser.add_argument("--type", choices=("ssh", "x509"), default="ssh")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        if args.public_key:
            public = contents(args.public_key).decode(errors="replace").strip()
        else:
            public = _new_pair(args.private_key)
        keypair = {"name": args.name, "type": args.type, "public_key": public}
        return fields(self.api.post("/os-keypairs", {"keypair": keypair})["keypair"])


def _new_pair(target: Path) -> str:
    """Write a new private key (mode 600, never over an old file); returns the public one."""
    # imported here: loading it costs more than every other command needs
    from cryptography.hazmat.primitives import serialization as ser
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.OpenSSH, ser.NoEncryption())
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as exc:
        raise UsageError(f"{target} exists already; it is not overwritten") from exc
    except OSError as exc:
        raise UsageError(f"cannot write {target}: {exc.strerror}") from exc
    with os.fdopen(handle, "wb") as out:
        out.write(text)
    return key.public_key().public_bytes(ser.Encoding.OpenSSH, ser.PublicFormat.OpenSSH).decode()


class DeleteKeypair(Do):
    """Delete key pairs.

    Example: nova-lite keypair delete me new
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", nargs="+")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(name: str) -> None:
            self.api.delete(f"/os-keypairs/{quote(name, safe='')}")

        for_each("key pairs", args.name, delete)
