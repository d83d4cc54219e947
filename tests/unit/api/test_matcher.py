# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from nova_lite.api.matcher import Matcher


@pytest.fixture
def matcher() -> Matcher:
    made = Matcher()
    made.add("GET", "/things", "list")
    made.add("GET", "/things/detail", "detail")
    made.add("GET", "/things/{id}", "show")
    made.add("PUT", "/things/{id}", "update")
    made.add("GET", "/things/{thing_id}/parts/{id}", "part")
    made.add("POST", "/things/{id}/action", "start", "os-start")
    made.add("POST", "/things/{id}/action", "stop", "os-stop")
    return made


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "things", ("list", {}, None)),
        ("GET", "things/detail", ("detail", {}, None)),
        ("GET", "things/x", ("show", {"id": "x"}, None)),
        # written out, but not with this method: then it is an id
        ("PUT", "things/detail", ("update", {"id": "detail"}, None)),
        ("GET", "things/a/parts/b", ("part", {"thing_id": "a", "id": "b"}, None)),
        ("GET", "00ff-a/things/x", ("show", {"id": "x"}, "00ff-a")),
        ("GET", "00ff/things", ("list", {}, "00ff")),
        ("GET", "project/things", None),
        ("GET", "things/", None),
        ("GET", "", None),
        ("GET", "nothing", None),
        ("DELETE", "things", None),
        ("GET", "things/x/parts", None),
        ("GET", "things/x/y", None),
    ],
)
def test_find(matcher: Matcher, method: str, path: str, found: Any) -> None:
    assert matcher.find(method, path.split("/")) == found


def test_actions_are_kept_by_name(matcher: Matcher) -> None:
    entry, variables, _ = matcher.find("POST", ["things", "x", "action"])  # type: ignore[misc]
    assert entry == {"os-start": "start", "os-stop": "stop"}
    assert variables == {"id": "x"}


def test_a_second_one_is_refused(matcher: Matcher) -> None:
    with pytest.raises(ValueError, match="twice"):
        matcher.add("GET", "/things/{other}", "again")
    with pytest.raises(ValueError, match="twice"):
        matcher.add("POST", "/things/{id}/action", "again", "os-start")
