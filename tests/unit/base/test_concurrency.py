# SPDX-License-Identifier: Apache-2.0
"""Run on both back ends: with NOVA_LITE_CONCURRENCY, and the scripts below always."""

import os
import subprocess
import sys

import pytest

from nova_lite.base import concurrency
from tests.fixtures.wait import wait_for


def test_a_task_gives_its_result_or_its_error():
    assert concurrency.spawn(lambda a, b: a + b, 1, b=2).wait(5) == 3
    failing = concurrency.spawn(int, "x")
    with pytest.raises(ValueError):
        failing.wait(5)
    assert isinstance(failing.error, ValueError)


def test_waiting_for_a_task_can_time_out():
    gate = concurrency.Event()
    task = concurrency.spawn(gate.wait, 10)
    with pytest.raises(TimeoutError):
        task.wait(0.01)
    assert not task.done
    gate.set()
    assert task.wait(5) is True


def test_a_pool_runs_so_many_at_a_time():
    pool = concurrency.Pool(2)
    lock = concurrency.Lock()
    gate = concurrency.Event()
    now, most = 0, 0

    def work(number):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        gate.wait(10)
        with lock:
            now -= 1
        return number

    tasks = [pool.submit(work, number) for number in range(6)]
    wait_for(lambda: now == 2, 5, "two to work")
    assert pool.busy == 6
    gate.set()
    assert [task.wait(5) for task in tasks] == list(range(6))
    assert most == 2
    assert pool.stop(5)
    assert pool.busy == 0
    with pytest.raises(RuntimeError):
        pool.submit(work, 1)


def test_a_pool_goes_on_after_an_error():
    pool = concurrency.Pool(1)
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 / 0).wait(5)
    assert pool.submit(lambda: 1).wait(5) == 1


def test_stopping_a_busy_pool_can_time_out():
    pool = concurrency.Pool(1)
    gate = concurrency.Event()
    task = pool.submit(gate.wait, 10)
    assert not pool.stop(0.01)
    gate.set()
    assert task.wait(5)
    assert pool.stop(5)


def test_a_pool_of_nobody_is_a_mistake():
    with pytest.raises(ValueError):
        concurrency.Pool(0)


def test_locals_are_of_the_task():
    here = concurrency.local()
    here.value = 1

    def there():
        before = getattr(here, "value", None)
        here.value = 2
        return before

    assert concurrency.spawn(there).wait(5) is None
    assert here.value == 1


def test_native_gives_results_and_errors():
    assert concurrency.native(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        concurrency.native(divmod, 1, 0)


def test_wanted_backend(tmp_path, monkeypatch):
    monkeypatch.delenv(concurrency.ENVIRONMENT, raising=False)
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("[DEFAULT]\nconcurrency_backend = threading\n")
    second.write_text(
        "[other]\nconcurrency_backend = eventlet\n[DEFAULT]\n# concurrency_backend=x\n"
    )
    assert concurrency.wanted_backend([]) == "eventlet"
    assert concurrency.wanted_backend([str(tmp_path / "missing"), str(second)]) == "eventlet"
    assert concurrency.wanted_backend([str(first), str(second)]) == "threading"
    first.write_text("[DEFAULT]\nconcurrency_backend: auto\n")
    assert concurrency.wanted_backend([str(first)]) == "eventlet"
    monkeypatch.setenv(concurrency.ENVIRONMENT, "threading")
    assert concurrency.wanted_backend([]) == "threading"
    monkeypatch.setenv(concurrency.ENVIRONMENT, "fibers")
    with pytest.raises(ValueError, match="NOVA_LITE_CONCURRENCY: 'fibers'"):
        concurrency.wanted_backend([])


def test_the_choice_is_made_once():
    before = concurrency.backend()
    other = "threading" if before == "eventlet" else "eventlet"
    if not os.environ.get(concurrency.ENVIRONMENT):
        pytest.skip("nothing was chosen in this process")
    assert concurrency.patch(before) == before
    with pytest.raises(RuntimeError):
        concurrency.patch(other)


BLOCKING = """
import sys, time
from nova_lite.base import concurrency
concurrency.patch(sys.argv[1])
import threading
ticks = []
def tick():
    while len(ticks) < 1000:
        ticks.append(1)
        concurrency.sleep(0.005)
concurrency.spawn(tick)
concurrency.sleep(0)
# The unpatched sleep stands for a call into C that holds no lock of the interpreter.
concurrency.native(concurrency.original("time").sleep, 0.3)
print(concurrency.backend(), len(ticks) > 5)
"""

GREEN = """
import sys
from nova_lite.base import concurrency
concurrency.patch(sys.argv[1])
import socket, threading, queue, time
patched = concurrency.original("socket").socket is not socket.socket
print(patched, [name for name in ("dns", "psycopg2", "cryptography") if name in sys.modules])
"""


def script(text, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", text, *arguments], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("backend", ["eventlet", "threading"])
def test_a_native_call_does_not_stop_the_others(backend):
    assert script(BLOCKING, backend) == f"{backend} True"


@pytest.mark.parametrize("backend, patched", [("eventlet", True), ("threading", False)])
def test_patching_is_complete_and_loads_nothing_big(backend, patched):
    assert script(GREEN, backend) == f"{patched} []"


def test_threads_of_tasks_do_not_keep_the_process():
    text = (
        "from nova_lite.base import concurrency\n"
        "concurrency.spawn(concurrency.Event().wait)\n"
        "print('end')\n"
    )
    assert script(text) == "end"
