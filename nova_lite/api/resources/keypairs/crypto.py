# SPDX-License-Identifier: Apache-2.0
"""Fingerprints of public keys, and new pairs for clients that do not make their own."""

import base64
import binascii
import datetime as dt
import hashlib
from typing import NamedTuple

from nova_lite.base import clock
from nova_lite.domain import errors

CERTIFICATE_DAYS = 3650


class Pair(NamedTuple):
    """Texts: the public one as it is stored, the private one as PEM."""

    public_key: str
    private_key: str


def fingerprint(kind: str, public_key: str) -> str:
    """md5 of an ssh key, sha1 of an x509 certificate: hex pairs with colons. Invalid for what
    is neither."""
    digest = _of_certificate(public_key) if kind == "x509" else _of_ssh_key(public_key)
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def _bad(reason: str) -> errors.Invalid:
    return errors.Invalid(f"Keypair data is invalid: {reason}")


def _of_ssh_key(text: str) -> str:
    words = text.split()
    if len(words) < 2:
        raise _bad("failed to generate fingerprint")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        raise _bad("failed to generate fingerprint") from None
    kind = words[0].encode()
    # the blob begins with the length and the name of the same kind
    if blob[4 : 4 + len(kind)] != kind:
        raise _bad("failed to generate fingerprint")
    return hashlib.md5(blob, usedforsecurity=False).hexdigest()


def _of_certificate(text: str) -> str:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    try:
        found = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        raise _bad("failed to generate X509 fingerprint") from None
    # what clients compare with: the field's usual fingerprint, no signature
    return found.fingerprint(hashes.SHA1()).hex()  # noqa: S303


def generate(kind: str, user_id: str) -> Pair:
    """A new pair, for microversions before 2.92."""
    return _new_certificate(user_id) if kind == "x509" else _new_ssh_key()


def _new_ssh_key() -> Pair:
    from cryptography.hazmat.primitives import serialization as ser
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.OpenSSH, ser.NoEncryption())
    public = key.public_key().public_bytes(ser.Encoding.OpenSSH, ser.PublicFormat.OpenSSH)
    return Pair(f"{public.decode()} Generated-by-Nova", private.decode())


def _new_certificate(user_id: str) -> Pair:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization as ser
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    # the length that a common name may have
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user_id[:64])])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=CERTIFICATE_DAYS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption())
    return Pair(made.public_bytes(ser.Encoding.PEM).decode(), private.decode())
