# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.base import concurrency, service


class Part:
    """Writes down what happens to it."""

    def __init__(self, log, name, broken=False):
        self.log = log
        self.name = name
        self.broken = broken

    def start(self):
        if self.broken:
            raise ValueError(self.name)
        self.log.append(f"start {self.name}")

    def stop(self):
        self.log.append(f"stop {self.name}")

    def wait(self, timeout=None):
        self.log.append(f"wait {self.name}")
        return self.name != "slow"


def test_parts_start_in_order_and_stop_the_other_way_round():
    log = []
    subject = service.Service("s", [Part(log, "a"), Part(log, "b")])
    subject.start()
    subject.stop()
    assert subject.wait(1)
    assert log == ["start a", "start b", "stop b", "stop a", "wait b", "wait a"]


def test_what_was_started_is_stopped_when_a_part_cannot_start():
    log = []
    subject = service.Service("s", [Part(log, "a"), Part(log, "b", broken=True)])
    with pytest.raises(ValueError):
        subject.start()
    assert log == ["start a", "stop a"]


def test_wait_tells_that_work_still_goes_on():
    subject = service.Service("s", [Part([], "slow")])
    subject.start()
    subject.stop()
    assert not subject.wait(0.1)


def test_jobs_run_while_the_service_does():
    runs = concurrency.Queue()
    job = service.Job("count", 0.01, lambda context: runs.put(context), at_start=True)
    subject = service.Service("s", [], [job])
    subject.start()
    first, second = runs.get(timeout=5), runs.get(timeout=5)
    assert first.is_admin
    assert first.request_id != second.request_id
    subject.stop()
    assert subject.wait(5)
