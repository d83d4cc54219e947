# SPDX-License-Identifier: Apache-2.0
"""Waiting: what is said meanwhile, and how it ends."""

import pytest

from nova_lite.cli.errors import EndedInError, TookTooLong
from nova_lite.cli.output import Told, wait_for


def test_each_state_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    states = iter([("building", False), ("building", False), ("ACTIVE", True)])
    wait_for("server web", lambda: next(states), 60)
    seen = capsys.readouterr()
    told = [line.partition(" (")[0] for line in seen.err.splitlines()]
    assert told == ["server web: building", "server web: ACTIVE"] and not seen.out


def test_it_ends() -> None:
    with pytest.raises(TookTooLong, match="web: still building after 0 s") as caught:
        wait_for("server web", lambda: ("building", False), 0)
    assert caught.value.exit_code == 5

    def fail() -> tuple[str, bool]:
        raise EndedInError("in ERROR")

    with pytest.raises(EndedInError):
        wait_for("server web", fail, 60)


def test_lists_are_sorted_by_what_people_see() -> None:
    """Objects cannot be compared by themselves."""
    found = [Told([{"ip": word}], word) for word in ("b", "c", "a")]
    assert [str(one) for one in sorted(found)] == ["a", "b", "c"]
