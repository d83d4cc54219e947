# SPDX-License-Identifier: Apache-2.0
"""What is looked at before a session begins. Pure: words of a request in, an objection out."""

from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

# The scheme of a page, for the scheme of a link.
PAGES: Final = {"ws": "http", "wss": "https"}
MAX_TOKEN: Final = 512


def token_of(path: str, cookies: str | None) -> str | None:
    """The token: of the query (also one level down, as in `?path=?token=...`), else the cookie."""
    query = parse_qs(urlsplit(path).query)
    given = query.get("token")
    if given is None and "path" in query:
        given = parse_qs(urlsplit(query["path"][-1]).query).get("token")
    if given is None and cookies:
        try:
            morsel = SimpleCookie(cookies).get("token")
        except CookieError:
            morsel = None
        given = [morsel.value] if morsel is not None else None
    token = given[-1] if given else None
    return token if token and len(token) <= MAX_TOKEN else None


def objection_to_origin(origin: str | None, host: str | None, allowed: Sequence[str]) -> str | None:
    """Why a page of that origin may not open a session here; None when it may. Programs that are
    no browsers send no origin."""
    if origin is None:
        return None
    asking = _hostname(origin)
    if asking is None:
        return "this page does not say where it comes from"
    own = _hostname(f"//{host}") if host else None
    if asking != own and asking not in {name.lower() for name in allowed}:
        return f"pages of {asking} may not open consoles here"
    return None


def objection_to_scheme(origin: str | None, base_url: str) -> str | None:
    """Why a page that came without encryption may not open what is meant to be encrypted."""
    if origin is None:
        return None
    wanted = urlsplit(base_url).scheme
    wanted = PAGES.get(wanted, wanted)
    try:
        seen = urlsplit(origin).scheme
    except ValueError:
        seen = ""
    if seen != wanted:
        return f"consoles are opened from {wanted} pages, and this one came by {seen or 'nothing'}"
    return None


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
