# SPDX-License-Identifier: Apache-2.0
import threading

import pytest

from nova_lite.api.metadata.cache import Cache
from nova_lite.base.clock import ManualClock


def test_those_who_ask_at_the_same_time_wait_for_one() -> None:
    asked: list[int] = []
    go = threading.Event()

    def find() -> str:
        asked.append(1)
        go.wait(10)
        return "found"

    kept: Cache[str] = Cache(15)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(kept.get("a", find))) for _ in range(5)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert (got, asked) == (["found"] * 5, [1])


def test_errors_are_not_kept(manual_clock: ManualClock) -> None:
    kept: Cache[str] = Cache(15)

    def fail() -> str:
        raise LookupError

    with pytest.raises(LookupError):
        kept.get("a", fail)
    assert kept.get("a", lambda: "x") == "x"
    assert kept.get("a", fail) == "x"
    manual_clock.advance(15)
    with pytest.raises(LookupError):
        kept.get("a", fail)


def test_no_more_than_so_many_are_kept() -> None:
    kept: Cache[str] = Cache(15, most=2)
    for key in ("a", "b", "a", "c"):
        kept.get(key, lambda key=key: key)  # type: ignore[misc]
    assert kept.get("a", lambda: "new") == "a"
    assert kept.get("b", lambda: "new") == "new"
