# SPDX-License-Identifier: Apache-2.0
"""URLs in answers: self and bookmark links, next pages, link prefixes."""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit


def with_prefix(url: str, prefix: str | None) -> str:
    """Another scheme and host, and the prefix's path before the URL's own."""
    if not prefix:
        return url
    wanted, found = urlsplit(prefix), urlsplit(url)
    path = wanted.path.rstrip("/") + found.path
    return urlunsplit((wanted.scheme, wanted.netloc, path, found.query, found.fragment))


def host_url(environ: dict[str, Any]) -> str:
    """`scheme://host[:port]` as the caller knows this service."""
    scheme = environ["wsgi.url_scheme"]
    host = environ.get("HTTP_HOST")
    if not host:
        host = environ["SERVER_NAME"]
        port = environ["SERVER_PORT"]
        if port != ("443" if scheme == "https" else "80"):
            host = f"{host}:{port}"
    return f"{scheme}://{host}"


class Links:
    """The bases of the links of one request.

    `project` is the project id that stood in the URL, if one did: it comes again in links.
    """

    __slots__ = ("_environ", "_prefix", "_project", "bookmark_base", "self_base")

    def __init__(self, environ: dict[str, Any], prefix: str | None, project: str | None) -> None:
        root = environ.get("SCRIPT_NAME", "")
        base = host_url(environ) + root.rpartition("/")[0]
        middle = f"/{quote(project)}" if project else ""
        self.bookmark_base = with_prefix(base, prefix) + middle
        self.self_base = with_prefix(host_url(environ) + root, prefix) + middle
        self._environ = environ
        self._prefix = prefix
        self._project = project

    def of(self, collection: str, id: str) -> list[dict[str, str]]:
        """The two links that every item has."""
        tail = f"/{collection}/{quote(id)}"
        return [
            {"rel": "self", "href": self.self_base + tail},
            {"rel": "bookmark", "href": self.bookmark_base + tail},
        ]

    def bookmark(self, collection: str, id: str) -> list[dict[str, str]]:
        return [{"rel": "bookmark", "href": f"{self.bookmark_base}/{collection}/{quote(id)}"}]

    def images(self, prefix: str | None) -> str:
        """What image ids are put behind in bookmarks; `prefix` is [api] glance_link_prefix."""
        if not prefix:
            return f"{self.bookmark_base}/images"
        above = self._environ.get("SCRIPT_NAME", "").rpartition("/")[0]
        middle = f"/{quote(self._project)}" if self._project else ""
        return with_prefix(host_url(self._environ) + above, prefix) + middle + "/images"

    def location(self, collection: str, id: str) -> str:
        return f"{self.self_base}/{collection}/{quote(id)}"

    def next_page(self, query: dict[str, list[str]], marker: str, limit: int | None) -> str:
        """The same URL and query, after `marker`."""
        pairs = [
            (name, value) for name, values in query.items() if name != "marker" for value in values
        ]
        if limit is not None and "limit" not in query:
            pairs.append(("limit", str(limit)))
        pairs.append(("marker", marker))
        path = self._environ.get("SCRIPT_NAME", "") + quote(self._environ["PATH_INFO"])
        url = with_prefix(host_url(self._environ) + path, self._prefix)
        return f"{url}?{urlencode(pairs)}"
