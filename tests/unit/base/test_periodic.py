# SPDX-License-Identifier: Apache-2.0
import logging

import pytest

from nova_lite.base import concurrency, context
from nova_lite.base.periodic import Job, Periodic, run_once


def test_jobs_run_again_and_again_until_stopped():
    runs = concurrency.Queue()
    subject = Periodic([Job("j", 0.001, runs.put, at_start=True)])
    subject.start()
    ids = {runs.get(timeout=5).request_id for _ in range(3)}
    assert len(ids) == 3
    subject.stop()
    assert subject.wait(5)
    while not runs.empty():
        runs.get()
    with pytest.raises(Exception, match="^$"):
        runs.get(timeout=0.05)


def test_a_failing_job_is_logged_and_comes_again(caplog):
    runs = concurrency.Queue()

    def fail(context):
        runs.put(1)
        raise ValueError("no luck")

    subject = Periodic([Job("unlucky", 0.001, fail, at_start=True)])
    subject.start()
    for _ in range(2):
        runs.get(timeout=5)
    subject.stop()
    assert subject.wait(5)
    assert "Periodic job unlucky failed" in caplog.text
    assert "no luck" in caplog.text


def test_one_that_hangs_stops_no_other():
    gate, runs = concurrency.Event(), concurrency.Queue()
    hanging = Job("hanging", 0.001, lambda context: gate.wait(10), at_start=True)
    subject = Periodic([hanging, Job("j", 0.001, runs.put, at_start=True)])
    subject.start()
    for _ in range(3):
        runs.get(timeout=5)
    subject.stop()
    assert not subject.wait(0.05)
    gate.set()
    assert subject.wait(5)


def test_no_interval_is_never():
    runs = concurrency.Queue()
    subject = Periodic([Job("a", 0, runs.put, at_start=True), Job("b", -1, runs.put)])
    subject.start()
    with pytest.raises(LookupError):
        subject.nudge("a")
    subject.stop()
    assert subject.wait(5)
    assert runs.empty()


def test_a_nudge_runs_a_job_that_is_not_due():
    runs = concurrency.Queue()
    subject = Periodic([Job("rare", 1000, runs.put, spread=1000)])
    subject.start()
    subject.nudge("rare")
    assert runs.get(timeout=5).is_admin
    subject.stop()
    assert subject.wait(5)


def test_spread_limits_the_first_wait():
    runs = concurrency.Queue()
    subject = Periodic([Job("soon", 1000, runs.put, spread=0)])
    subject.start()
    runs.get(timeout=5)
    subject.stop()
    assert subject.wait(5)


def test_run_once_tells_how_it_went(caplog):
    with caplog.at_level(logging.CRITICAL):
        assert not run_once(Job("j", 1, lambda context: 1 / 0))
    seen = []
    assert run_once(Job("j", 1, lambda asked: seen.append((asked, context.current()))))
    assert seen[0][0] is seen[0][1]
