# SPDX-License-Identifier: Apache-2.0
"""How much code `POST /servers/{id}/action {"pause": null}` is: traced, in this process.

Every call of a function of ours is noted with the request that it is made for. What a GET of
the server and its build run as well is the machinery of all requests; the rest is the verb's.
"""

import re
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from nova_lite.api.actions import table
from nova_lite.base import context
from tests.fixtures.cloud import Cloud
from tests.fixtures.wait import wait_for
from tests.fixtures.wsgi_client import Response
from tests.rules.tree import PACKAGE, ROOT, shown

MOST = 8
PAGE = ROOT / "docs" / "contributor" / "architecture.md"
THREAD = "## A request, from end to end"
ROW = re.compile(r"^\| \d+ \| (.+?) \|", re.MULTILINE)
NAME = re.compile(r"`([a-z0-9_/]+\.py)`")
# Holds the row for the verb; nothing in it runs after the start.
ROWS = "api/actions/table.py"


class Trace:
    """`modules[request id]`: files below nova_lite/ with a function that ran for the request."""

    def __init__(self) -> None:
        self.modules: dict[str, set[str]] = defaultdict(set)
        self._root = f"{PACKAGE}/"

    def note(self, frame: FrameType, event: str, arg: Any) -> None:
        name = frame.f_code.co_filename
        if event == "call" and name.startswith(self._root):
            current = context.current()
            if current is not None:
                self.modules[current.request_id].add(name.removeprefix(self._root))

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        """In this thread and all that begin meanwhile."""
        threading.setprofile(self.note)
        sys.setprofile(self.note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def of(self, answer: Response) -> set[str]:
        request_id = answer.header("x-openstack-request-id")
        assert request_id in self.modules
        return self.modules[request_id]


def _becomes(cloud: Cloud, server: str, status: str) -> Callable[[], bool]:
    path = f"/v2.1/servers/{server}"
    return lambda: cloud.admin.get(path).json["server"]["status"] == status


@pytest.fixture(scope="module")
def ran() -> Iterator[dict[str, set[str]]]:
    """Modules that ran for "pause", for the GET of a server, and for its build."""
    trace = Trace()
    with trace.everywhere():
        cloud = Cloud()
        try:
            body = {"name": "one", "imageRef": cloud.image(), "flavorRef": cloud.flavor()}
            build = cloud.admin.post("/v2.1/servers", {"server": {**body, "networks": "none"}})
            server = build.json["server"]["id"]
            wait_for(_becomes(cloud, server, "ACTIVE"), 60, "the server is active")
            get = cloud.admin.get(f"/v2.1/servers/{server}")
            pause = cloud.admin.post(f"/v2.1/servers/{server}/action", {"pause": None})
            wait_for(_becomes(cloud, server, "PAUSED"), 60, "the server is paused")
        finally:
            cloud.stop()
    # after the end, when nothing is added any more
    yield {"pause": trace.of(pause), "get": trace.of(get), "build": trace.of(build)}


def _on_the_page() -> list[list[str]]:
    """The modules of each row of the table on the page; alternatives share a row."""
    section = PAGE.read_text(encoding="utf-8").split(THREAD, 1)[1].split("\n## ", 1)[0]
    return [NAME.findall(cell) for cell in ROW.findall(section)]


def test_a_verb_is_few_modules(ran: dict[str, set[str]]) -> None:
    own = ran["pause"] - ran["get"] - ran["build"]
    assert 0 < len(own) <= MOST, sorted(own)


def test_the_page_names_the_way_of_a_verb(ran: dict[str, set[str]]) -> None:
    rows = _on_the_page()
    assert 0 < len(rows) <= MOST, f"{shown(PAGE)}: {len(rows)} rows"
    assert any(route.action == "pause" for route in table.ROUTES)
    idle = [row for row in rows if ROWS not in row and not ran["pause"].intersection(row)]
    assert not idle, f"{shown(PAGE)}: nothing of it runs for pause"
    missing = [name for row in rows for name in row if not (PACKAGE / name).exists()]
    assert not missing
    # the places where the verb is decided on and done, daemon by daemon
    named = {name for row in rows for name in row}
    places = ("api/actions/", "conductor/handlers/", "conductor/flows/", "compute/actions/")
    unnamed = {n for n in ran["pause"] - ran["get"] - named if n.startswith(places)}
    assert not unnamed, f"{shown(PAGE)}: name it"
