# SPDX-License-Identifier: Apache-2.0
"""The table of jobs, as the options make it."""

import os
from pathlib import Path

import pytest

from nova_lite.base.context import service_context
from nova_lite.compute.images import ImageCache, base_name
from nova_lite.compute.periodic import every, jobs
from nova_lite.virt.driver import RootImage, SpawnSpec
from tests.fixtures.servers import make_instance
from tests.fixtures.settings import make_conf
from tests.functional.compute.lab import Lab

ALL = {
    "heartbeat host1": 1,
    "guest events": 1,
    "resources": 60,
    "power states": 600,
    "guests of deleted servers": 1800,
    "new guests": 60,
}


def table(lab: Lab, cache: ImageCache | None = None, **options: object) -> dict[str, float]:
    conf = make_conf(**{**lab.options, **options})
    return {job.name: job.interval for job in jobs(conf, lab.clients, lab.hosts, cache)}


def test_the_defaults(lab: Lab) -> None:
    assert table(lab) == ALL


def test_options_set_the_intervals(lab: Lab) -> None:
    found = table(
        lab,
        update_resources_interval=-1,
        sync_power_state_interval=0,
        running_deleted_instance_poll_interval=7,
        report_interval=3,
    )
    assert found == {
        **ALL,
        "heartbeat host1": 3,
        "resources": -1,
        "power states": 60,
        "guests of deleted servers": 7,
    }


def test_without_periodic_jobs_the_heart_still_beats(lab: Lab) -> None:
    assert set(table(lab, periodic_enable=False)) == {"heartbeat host1", "guest events"}
    quiet = table(lab, workarounds__handle_virt_lifecycle_events=False)
    assert set(ALL) - set(quiet) == {"guest events"}


@pytest.mark.parametrize(("option", "seconds"), [(0, 60), (-1, -1), (5, 5)])
def test_what_an_interval_means(option: int, seconds: int) -> None:
    assert every(option) == seconds


def test_unused_bases_are_swept_and_used_ones_stay(lab: Lab, tmp_path: Path) -> None:
    conf = make_conf(
        **lab.options,
        instances_path=str(tmp_path / "instances"),
        image_cache__remove_unused_original_minimum_age_seconds=0,
    )
    cache = ImageCache(conf, lab.images)
    cache.prepare()
    used, unused = (cache.folder / base_name(name) for name in ("used", "unused"))
    for path in (used, unused):
        path.write_bytes(b"x")
        os.utime(path, (1, 1))
    root = RootImage(path=used, format="raw", virtual_size=1)
    lab.driver.spawn(SpawnSpec(instance=make_instance(), root=root))
    (job,) = [j for j in jobs(conf, lab.clients, lab.hosts, cache) if j.name == "image cache"]
    assert job.interval == 2400
    job.fn(service_context())
    assert used.exists() and not unused.exists()


def test_a_host_that_fails_does_not_keep_the_others_from_their_turn(stopped: Lab) -> None:
    lab = stopped.start(fake__hosts=2, periodic_enable=False)
    conf = make_conf(**lab.options)
    (job,) = [j for j in jobs(conf, lab.clients, lab.hosts, None) if j.name == "resources"]
    lab.driver.faults.fail("report")
    before = len(lab.conductor.reports)
    job.fn(service_context())
    assert [host for host, _ in lab.conductor.reports[before:]] == ["host1-2"]
