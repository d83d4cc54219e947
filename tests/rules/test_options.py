# SPDX-License-Identifier: Apache-2.0
"""An option that nothing reads would be a promise to operators that nobody keeps."""

import re
from collections.abc import Iterable

from nova_lite.base.conf.opts import GROUPS
from tests.rules.tree import PACKAGE, python_files

CONF = PACKAGE / "base" / "conf"
# Read by what is not there yet: see docs/contributor/not-there-yet.md.
WAITING = {"vnc.server_proxyclient_address"}


def unread(options: Iterable[tuple[str, str]], code: str) -> list[str]:
    """Options (group, name) whose name is no word of the code."""
    words = set(re.findall(r"[a-z0-9_]+", code))
    return [f"{group}.{name}" for group, name in options if name not in words]


def test_every_option_is_read() -> None:
    files = [path for path in python_files("nova_lite") if CONF not in path.parents]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    options = [(group, option.dest) for group, members in GROUPS for option in members]
    assert set(unread(options, code)) <= WAITING, "read it, or take it away"


def test_the_rule_sees_an_option_that_is_not_read() -> None:
    options = [("DEFAULT", "host"), ("api", "no_such")]
    assert unread(options, "conf.host, conf.api.no_such_thing") == ["api.no_such"]
