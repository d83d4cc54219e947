# SPDX-License-Identifier: Apache-2.0

import pytest

from nova_lite.base import clock, concurrency
from nova_lite.domain import errors
from nova_lite.domain.host import HostDelta, HostState
from nova_lite.scheduler.snapshot import FORGET, MAX_AGE, USABLE, Snapshot
from tests.fixtures.wait import wait_for
from tests.unit.scheduler.harness import copied, host, request


class Book:
    """The conductor's side: hosts by node, with generations."""

    def __init__(self, *hosts: HostState) -> None:
        self.hosts: dict[str, HostState] = {}
        self.generation = 0
        self.removed: list[str] = []
        self.asked: list[int] = []
        self.silent = False
        for one in hosts:
            self.put(one)

    def put(self, one: HostState) -> None:
        self.generation += 1
        one.generation = self.generation
        self.hosts[one.node_uuid] = one

    def remove(self, name: str) -> None:
        self.generation += 1
        del self.hosts[f"uuid-{name}"]
        self.removed.append(f"uuid-{name}")

    def read(self, since: int) -> HostDelta:
        self.asked.append(since)
        if self.silent:
            raise errors.RpcTimeout(topic="conductor", method="list_hosts", timeout=1)
        newer = copied([one for one in self.hosts.values() if one.generation > since])
        return HostDelta(generation=self.generation, hosts=newer, removed=self.removed)


def names(snapshot: Snapshot) -> list[str]:
    return snapshot.decide(lambda hosts, consume: sorted(one.host for one in hosts))


def take(snapshot: Snapshot, name: str) -> None:
    def pick(hosts, consume):  # type: ignore[no-untyped-def]
        consume(next(one for one in hosts if one.host == name), request(vcpus=2))

    snapshot.decide(pick)


def used(snapshot: Snapshot, name: str, *, forget: bool = False) -> tuple[int, int, int]:
    def read(hosts, consume):  # type: ignore[no-untyped-def]
        one = next(one for one in hosts if one.host == name)
        return one.used.get("VCPU", 0), one.instances, one.io_workload

    return snapshot.decide(read, forget=forget)


def test_the_first_reading_is_whole_and_later_ones_are_differences(
    manual_clock: clock.ManualClock,
) -> None:
    book = Book(host("h1"), host("h2"))
    snapshot = Snapshot(book.read)
    snapshot.refresh()
    assert names(snapshot) == ["h1", "h2"]
    book.put(host("h3"))
    manual_clock.advance(MAX_AGE + 0.1)
    snapshot.refresh()
    assert names(snapshot) == ["h1", "h2", "h3"]
    assert book.asked == [0, 2]


def test_a_young_snapshot_is_not_read_again(manual_clock: clock.ManualClock) -> None:
    book = Book(host("h1"))
    snapshot = Snapshot(book.read)
    snapshot.refresh()
    manual_clock.advance(MAX_AGE / 2)
    snapshot.refresh()
    assert len(book.asked) == 1
    assert snapshot.age == pytest.approx(MAX_AGE / 2)
    manual_clock.advance(0.01)
    snapshot.refresh(fresh=True)
    assert len(book.asked) == 2
    assert snapshot.age == 0


def test_removed_hosts_go(manual_clock: clock.ManualClock) -> None:
    book = Book(host("h1"), host("h2"))
    snapshot = Snapshot(book.read)
    snapshot.refresh()
    book.remove("h1")
    manual_clock.advance(2)
    snapshot.refresh()
    assert names(snapshot) == ["h2"]


def test_a_full_reading_forgets_what_is_not_there(manual_clock: clock.ManualClock) -> None:
    book = Book(host("h1"), host("h2"))
    snapshot = Snapshot(book.read)
    snapshot.refresh()
    book.remove("h1")
    book.removed.clear()
    snapshot.refresh(full=True)
    assert book.asked[-1] == 0
    assert names(snapshot) == ["h2"]


def test_a_pick_counts_until_the_host_has_changed(manual_clock: clock.ManualClock) -> None:
    book = Book(host("h1"), host("h2"))
    snapshot = Snapshot(book.read)
    snapshot.refresh()
    take(snapshot, "h1")
    take(snapshot, "h1")
    assert used(snapshot, "h1") == (4, 2, 2)
    manual_clock.advance(2)
    snapshot.refresh()
    assert used(snapshot, "h1") == (4, 2, 2), "nothing has changed at the conductor"
    book.put(host("h1", used={"VCPU": 2}, instances=1))
    manual_clock.advance(2)
    snapshot.refresh()
    assert used(snapshot, "h1") == (2, 1, 0)


def test_a_pick_without_a_claim_is_forgotten(manual_clock: clock.ManualClock) -> None:
    snapshot = Snapshot(Book(host("h1", used={"VCPU": 1})).read)
    snapshot.refresh()
    take(snapshot, "h1")
    assert used(snapshot, "h1") == (3, 1, 1)
    manual_clock.advance(FORGET + 0.1)
    assert used(snapshot, "h1") == (1, 0, 0)


def test_picks_can_be_left_out_of_account(manual_clock: clock.ManualClock) -> None:
    snapshot = Snapshot(Book(host("h1")).read)
    snapshot.refresh()
    take(snapshot, "h1")
    assert used(snapshot, "h1", forget=True) == (0, 0, 0)


def test_an_old_snapshot_does_while_nobody_answers_but_not_for_ever(
    manual_clock: clock.ManualClock,
) -> None:
    book = Book(host("h1"))
    snapshot = Snapshot(book.read)
    snapshot.refresh()
    book.silent = True
    manual_clock.advance(USABLE - 1)
    snapshot.refresh()
    assert names(snapshot) == ["h1"]
    manual_clock.advance(2)
    with pytest.raises(errors.Unavailable):
        snapshot.refresh()


def test_nothing_can_be_decided_before_the_first_reading(manual_clock: clock.ManualClock) -> None:
    book = Book()
    book.silent = True
    with pytest.raises(errors.Unavailable):
        Snapshot(book.read).refresh()


def test_one_reads_while_the_others_wait() -> None:
    book = Book(host("h1"))
    go, reading = concurrency.Event(), concurrency.Event()

    def slow(since: int) -> HostDelta:
        reading.set()
        go.wait(10)
        return book.read(since)

    snapshot = Snapshot(slow)
    tasks = [concurrency.spawn(snapshot.refresh) for _ in range(5)]
    wait_for(reading.is_set, 10, "a reader")
    assert not any(task.done for task in tasks)
    go.set()
    for task in tasks:
        task.wait(10)
    assert book.asked == [0]
