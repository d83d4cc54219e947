# SPDX-License-Identifier: Apache-2.0
"""Who asks: said by the relay in headers that it signs with a secret which guests do not know."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nova_lite.base import ids


@dataclass(frozen=True)
class Asker:
    """`address`: the guest's own, '' where the relay does not say it."""

    instance_id: str
    project_id: str
    address: str


class NotSaid(Exception):
    """A header is missing, or says several things: 400."""


class NotSigned(Exception):
    """The signature is not ours: 403."""


def read(environ: Mapping[str, Any], secret: str) -> Asker:
    """The server that a relay speaks for. Raises NotSaid, NotSigned."""
    instance = _one(environ, "X-Instance-ID")
    project = _one(environ, "X-Tenant-ID")
    given = _one(environ, "X-Instance-ID-Signature")
    expected = hmac.new(secret.encode(), instance.encode("latin-1"), hashlib.sha256).hexdigest()
    # bytes: text with other characters than ASCII's cannot be compared
    if not hmac.compare_digest(expected.encode(), given.encode("latin-1")):
        raise NotSigned
    if not ids.is_uuid(instance):
        raise NotSaid("X-Instance-ID is no uuid.")
    address = environ.get("HTTP_X_FORWARDED_FOR", "").partition(",")[0].strip()
    return Asker(instance, project, address)


def _one(environ: Mapping[str, Any], header: str) -> str:
    value: str = environ.get(f"HTTP_{header.upper().replace('-', '_')}", "").strip()
    if not value:
        raise NotSaid(f"{header} is missing from the request.")
    if "," in value:
        raise NotSaid(f"There are several of {header} in the request.")
    return value
