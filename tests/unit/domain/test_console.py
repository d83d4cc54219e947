# SPDX-License-Identifier: Apache-2.0
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from nova_lite.base import clock
from nova_lite.domain import console, errors
from nova_lite.domain.console import ConsoleAddress, ConsoleToken, ConsoleType


def test_tokens_are_long_and_never_the_same() -> None:
    made = {console.new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch("[0-9a-f]{48}", one) for one in made)
    assert not any(one in console.digest_of(one) for one in made)


@pytest.mark.parametrize("token", ["", "\udcff", "ü", "a" * 100_000])
def test_anything_that_callers_send_has_a_digest(token: str) -> None:
    assert re.fullmatch("[0-9a-f]{64}", console.digest_of(token))


def test_the_page_of_novnc_is_told_the_path_of_its_socket() -> None:
    url = console.url_of(ConsoleType.NOVNC, "https://x/vnc_auto.html", "abc")
    assert url == "https://x/vnc_auto.html?path=%3Ftoken%3Dabc"
    assert parse_qs(urlsplit(url).query) == {"path": ["?token=abc"]}


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("ws://x:6083/", "ws://x:6083/?token=abc"),
        ("https://x/page?lang=de", "https://x/page?lang=de&token=abc"),
    ],
)
def test_other_links_have_the_token_as_it_is(base: str, url: str) -> None:
    assert console.url_of(ConsoleType.SERIAL, base, "abc") == url


def test_every_type_has_a_protocol() -> None:
    assert set(console.PROTOCOLS) == set(ConsoleType)


def test_tokens_end() -> None:
    now = clock.now()
    token = ConsoleToken(
        digest="d",
        instance_uuid="i",
        kind=ConsoleType.NOVNC,
        host="h",
        address=ConsoleAddress(host="h", port=1),
        base_url="http://x/",
        expires_at=now + timedelta(seconds=1),
    )
    used = replace(token, used_at=now)
    assert console.refusal(token, now, single_use=True) is None
    assert console.refusal(used, now, single_use=False) is None
    assert "used" in str(console.refusal(used, now, single_use=True))
    assert "expired" in str(console.refusal(token, token.expires_at, single_use=False))
    with pytest.raises(errors.ConsoleTokenRefused, match="type novnc"):
        console.check_kind(token.kind, [ConsoleType.SERIAL])
