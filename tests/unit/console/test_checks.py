# SPDX-License-Identifier: Apache-2.0
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nova_lite.console import checks


@pytest.mark.parametrize(
    ("path", "cookies", "token"),
    [
        ("/?token=abc", None, "abc"),
        ("/websockify?x=1&token=abc", None, "abc"),
        ("/?path=%3Ftoken%3Dabc", None, "abc"),
        ("/?token=one&token=two", None, "two"),
        ("/", "a=b; token=abc", "abc"),
        ("/?token=one", "token=two", "one"),
        ("/websockify", "a=b", None),
        ("/?token=", None, None),
        ("/?path=vnc", None, None),
        ("/?token=" + "x" * 513, None, None),
    ],
)
def test_where_the_token_is(path: str, cookies: str | None, token: str | None) -> None:
    assert checks.token_of(path, cookies) == token


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        (None, None, True),
        ("https://console.example:6080", "console.example", True),
        ("https://CONSOLE.example", "console.example:6080", True),
        ("http://[::1]:6080", "[::1]:6080", True),
        ("https://dash.example", "console.example", True),
        ("https://evil.example", "console.example", False),
        ("https://console.example.evil.example", "console.example", False),
        ("https://console.example@evil.example", "console.example", False),
        ("https://console.example", None, False),
        ("null", "console.example", False),
        ("", "console.example", False),
        ("file://", "", False),
    ],
)
def test_pages_that_may(origin: str | None, host: str | None, may: bool) -> None:
    assert (checks.objection_to_origin(origin, host, ["dash.example"]) is None) is may


@pytest.mark.parametrize(
    ("origin", "base", "may"),
    [
        (None, "https://x/", True),
        ("https://x", "https://x/vnc_auto.html", True),
        ("http://x", "https://x/vnc_auto.html", False),
        ("https://x", "wss://x/", True),
        ("http://x", "ws://x/", True),
        ("http://x", "wss://x/", False),
        ("http://[x", "http://x/", False),
    ],
)
def test_protocols_of_pages(origin: str | None, base: str, may: bool) -> None:
    assert (checks.objection_to_scheme(origin, base) is None) is may


@given(st.text(max_size=200), st.none() | st.text(max_size=200), st.none() | st.text(max_size=99))
def test_nothing_that_is_sent_breaks_them(
    first: str, second: str | None, third: str | None
) -> None:
    checks.token_of(first, second)
    checks.objection_to_origin(second, third, [first])
    checks.objection_to_scheme(second, "https://x/")
