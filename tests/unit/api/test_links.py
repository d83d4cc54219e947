# SPDX-License-Identifier: Apache-2.0
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nova_lite.api import pages
from nova_lite.api.links import Links, with_prefix
from nova_lite.api.pages import Page
from nova_lite.api.view import Collection
from tests.fixtures.api_request import environ, make_request


def test_links() -> None:
    links = Links(environ(), None, None)
    assert links.of("servers", "1") == [
        {"rel": "self", "href": "http://cloud.example:8774/v2.1/servers/1"},
        {"rel": "bookmark", "href": "http://cloud.example:8774/servers/1"},
    ]


def test_the_project_comes_again_where_it_was() -> None:
    links = Links(environ(), None, "p1")
    assert links.of("servers", "1") == [
        {"rel": "self", "href": "http://cloud.example:8774/v2.1/p1/servers/1"},
        {"rel": "bookmark", "href": "http://cloud.example:8774/p1/servers/1"},
    ]


def test_a_prefix() -> None:
    links = Links(environ(), "https://public.example/compute", None)
    assert links.of("servers", "1") == [
        {"rel": "self", "href": "https://public.example/compute/v2.1/servers/1"},
        {"rel": "bookmark", "href": "https://public.example/compute/servers/1"},
    ]
    assert links.images("https://images.example") == "https://images.example/images"
    assert links.images(None) == "https://public.example/compute/images"


@pytest.mark.parametrize(
    ("changes", "base"),
    [
        ({"wsgi.url_scheme": "https", "HTTP_HOST": "a"}, "https://a/v2.1"),
        (
            {"HTTP_HOST": "", "SERVER_NAME": "b", "SERVER_PORT": "8774"},
            "http://b:8774/v2.1",
        ),
        ({"HTTP_HOST": "", "SERVER_NAME": "b", "SERVER_PORT": "80"}, "http://b/v2.1"),
        ({"HTTP_HOST": "a", "SCRIPT_NAME": "/compute/v2.1"}, "http://a/compute/v2.1"),
    ],
)
def test_hosts(changes: dict[str, Any], base: str) -> None:
    assert Links(environ(**changes), None, None).self_base == base


def test_with_prefix() -> None:
    assert with_prefix("http://a:1/b?c=d", None) == "http://a:1/b?c=d"
    assert with_prefix("http://a:1/b?c=d", "https://x/y/") == "https://x/y/b?c=d"


THINGS = Collection(
    key="things",
    shape="nothing.known",
    build=lambda request: lambda thing: {"id": thing},
    of={},
    links_key="things_links",
    marker=lambda thing: f"m-{thing}",
)


def test_a_full_page_has_a_next_link() -> None:
    request = make_request(query="limit=2&marker=m-0&tag=a&tag=b%20c", path="/things")
    shown = THINGS.render(request, Page(items=["1", "2"], limit=2))
    assert shown["things"] == [{"id": "1"}, {"id": "2"}]
    ((link),) = shown["things_links"]
    assert link["rel"] == "next"
    parts = urlsplit(link["href"])
    assert parts.path == "/v2.1/things"
    assert parse_qs(parts.query) == {"limit": ["2"], "marker": ["m-2"], "tag": ["a", "b c"]}


@pytest.mark.parametrize("page", [Page(items=["1"], limit=2), Page(items=[], limit=0), ["1"]])
def test_other_pages_have_none(page: Any) -> None:
    assert "things_links" not in THINGS.render(make_request(), page)


def test_the_cap_is_a_limit_too() -> None:
    shown = THINGS.render(make_request(), Page(items=["1", "2"], limit=2))
    query = parse_qs(urlsplit(shown["things_links"][0]["href"]).query)
    assert query == {"limit": ["2"], "marker": ["m-2"]}


@pytest.mark.parametrize("digits", ["9" * 12, "9" * 5000])
def test_numbers_that_no_list_has(digits: str) -> None:
    request = make_request(query=f"limit={digits}&offset={digits}")
    assert pages.limit(request) == 1000
    assert pages.offset(request) == 0x7FFFFFFF
