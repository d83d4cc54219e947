# SPDX-License-Identifier: Apache-2.0
"""Consoles: what a guest can be seen and typed at through, and the tokens that open them.

Whoever has a token has the console: it is shown once, kept as a hash, and ends by time, with
the server, or, where so configured, with its first use.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from urllib.parse import quote

import msgspec

from nova_lite.domain import errors

TOKEN_BYTES: Final = 24  # 192 bits
EXPIRED: Final = "this link to a console has expired; ask for a new one"
USED: Final = "this link to a console has been used already; ask for a new one"


class ConsoleType(StrEnum):
    """What clients call the ways to a console."""

    NOVNC = "novnc"
    SPICE_HTML5 = "spice-html5"
    SPICE_DIRECT = "spice-direct"
    SERIAL = "serial"
    WEBMKS = "webmks"


PROTOCOLS: Final[Mapping[ConsoleType, str]] = {
    ConsoleType.NOVNC: "vnc",
    ConsoleType.SPICE_HTML5: "spice",
    ConsoleType.SPICE_DIRECT: "spice",
    ConsoleType.SERIAL: "serial",
    ConsoleType.WEBMKS: "mks",
}


class ConsoleAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a guest's console listens, as a proxy reaches it. `path`: what has to be asked for
    first, for consoles that are reached over HTTP. tls_port: SPICE's second port."""

    host: str
    port: int | None
    tls_port: int | None = None
    path: str | None = None


class ConsoleOffer(msgspec.Struct, frozen=True, kw_only=True):
    """An address, and the URL of the page at which users of that host's consoles begin."""

    address: ConsoleAddress
    base_url: str


class ConsoleAccess(msgspec.Struct, frozen=True, kw_only=True):
    """What who asked for a console gets. `url` has the token in it."""

    protocol: str
    kind: ConsoleType
    url: str
    expires_at: dt.datetime


class ConsoleToken(msgspec.Struct, frozen=True, kw_only=True):
    """As it is kept. `digest`: of the token, see `digest_of`; `host`: of the server, when the
    token was made; `used_at`: when it first opened the console."""

    digest: str
    instance_uuid: str
    kind: ConsoleType
    host: str
    address: ConsoleAddress
    base_url: str
    expires_at: dt.datetime
    used_at: dt.datetime | None = None


class ConsoleConnection(msgspec.Struct, frozen=True, kw_only=True):
    """What a proxy is told about a good token."""

    instance_uuid: str
    kind: ConsoleType
    address: ConsoleAddress
    base_url: str
    expires_at: dt.datetime


def new_token() -> str:
    """Letters and digits only: it stands in URLs."""
    return secrets.token_hex(TOKEN_BYTES)


def digest_of(token: str) -> str:
    """What is stored and looked up by. The token is random and long: no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def url_of(kind: ConsoleType, base_url: str, token: str) -> str:
    """The link. noVNC's page takes the path of its WebSocket as a parameter, with the token."""
    query = "token=" + quote(token, safe="")
    if kind is ConsoleType.NOVNC:
        query = "path=" + quote(f"?{query}", safe="")
    return f"{base_url}{'&' if '?' in base_url else '?'}{query}"


def refusal(token: ConsoleToken, now: dt.datetime, *, single_use: bool) -> str | None:
    """Why a token opens nothing now; None when it does."""
    if token.expires_at <= now:
        return EXPIRED
    if single_use and token.used_at is not None:
        return USED
    return None


def check_kind(kind: ConsoleType, kinds: list[ConsoleType]) -> None:
    """Raises ConsoleTokenRefused for a console that this proxy does not speak."""
    if kind not in kinds:
        raise errors.ConsoleTokenRefused(
            reason=f"this link is for a console of type {kind}, which is not served here"
        )
