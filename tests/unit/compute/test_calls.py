# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.base import concurrency
from nova_lite.compute.calls import InstanceCalls
from tests.fixtures.wait import wait_for


class Work:
    """A function that runs until told to end, and counts."""

    def __init__(self, result: object = "done") -> None:
        self.result = result
        self.runs = 0
        self.go = concurrency.Event()

    def __call__(self) -> object:
        self.runs += 1
        self.go.wait(10)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def calls() -> InstanceCalls:
    return InstanceCalls()


def line_of(calls: InstanceCalls, uuid: str) -> int:
    return len(calls._lines.get(uuid, ()))


def test_calls_about_one_server_run_one_after_the_other(calls: InstanceCalls) -> None:
    first, second = Work("a"), Work("b")
    second.go.set()
    one = concurrency.spawn(calls.run, "u", ("start",), first)
    wait_for(lambda: first.runs, 10, "the first call")
    two = concurrency.spawn(calls.run, "u", ("stop",), second)
    wait_for(lambda: line_of(calls, "u") == 2, 10, "the second call")
    assert second.runs == 0
    assert calls.awaits("u", "stop") and not calls.awaits("u", "start")
    first.go.set()
    assert (one.wait(10), two.wait(10)) == ("a", "b")
    assert not calls.busy("u")


def test_calls_about_two_servers_do_not_wait_for_each_other(calls: InstanceCalls) -> None:
    held = Work()
    task = concurrency.spawn(calls.run, "u", ("start",), held)
    wait_for(lambda: held.runs, 10, "the call")
    assert calls.run("v", ("start",), lambda: 7) == 7
    held.go.set()
    task.wait(10)


@pytest.mark.parametrize("result", ["done", ValueError("no")])
def test_the_same_call_runs_once(calls: InstanceCalls, result: object) -> None:
    work = Work(result)
    tasks = [concurrency.spawn(calls.run, "u", ("build",), work) for _ in range(3)]
    wait_for(lambda: work.runs, 10, "the call")
    work.go.set()
    for task in tasks:
        if isinstance(result, Exception):
            with pytest.raises(ValueError, match="no"):
                task.wait(10)
        else:
            assert task.wait(10) == result
    assert work.runs == 1


def test_the_same_call_behind_another_one_runs_again(calls: InstanceCalls) -> None:
    """start, stop, start: the last one may not be answered by the first."""
    first, between, last = Work(1), Work(2), Work(3)
    between.go.set()
    last.go.set()
    tasks = []
    for key, work in (("start", first), ("stop", between), ("start", last)):
        tasks.append(concurrency.spawn(calls.run, "u", (key,), work))
        wait_for(lambda: line_of(calls, "u") == len(tasks), 10, key)
    first.go.set()
    assert [task.wait(10) for task in tasks] == [1, 2, 3]


def test_calls_that_differ_in_a_value_are_not_the_same(calls: InstanceCalls) -> None:
    held, other = Work(), Work()
    other.go.set()
    one = concurrency.spawn(calls.run, "u", ("stop", 60), held)
    wait_for(lambda: held.runs, 10, "the first")
    two = concurrency.spawn(calls.run, "u", ("stop", 0), other)
    wait_for(lambda: line_of(calls, "u") == 2, 10, "the second")
    held.go.set()
    one.wait(10), two.wait(10)
    assert other.runs == 1


def test_a_call_that_fails_lets_the_next_one_run(calls: InstanceCalls) -> None:
    with pytest.raises(ZeroDivisionError):
        calls.run("u", ("start",), lambda: 1 // 0)
    assert calls.run("u", ("start",), lambda: 5) == 5
    assert not calls.busy("u")
