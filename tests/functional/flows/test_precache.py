# SPDX-License-Identifier: Apache-2.0
"""Images fetched ahead of use, by the hosts of an aggregate."""

from typing import Any

import pytest

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from nova_lite.base.context import service_context
from nova_lite.domain import errors
from nova_lite.domain.image import Image
from tests.fixtures.conducting import ADMIN_CONTEXT, Cloud
from tests.fixtures.hosts import Host
from tests.fixtures.wait import wait_for

OTHER = "00000000-0000-4000-8000-000000000002"


def aggregate_of(cloud: Cloud, *hosts: str) -> int:
    conductor = cloud.processes[0]
    made = conductor.create_aggregate(ADMIN_CONTEXT, name="one")
    for host in hosts:
        conductor.add_aggregate_host(ADMIN_CONTEXT, aggregate_id=made.id, host=host)
    return int(made.id)


def put(cloud: Cloud, image_id: str, **fields: Any) -> None:
    values = {"visibility": "public", "disk_format": "raw", "container_format": "bare", **fields}
    cloud.deps.image.put(Image(id=image_id, **values), b"data")


def ask(cloud: Cloud, number: int, *images: str) -> None:
    cloud.processes[0].cache_images(ADMIN_CONTEXT, aggregate_id=number, image_ids=list(images))


def test_only_the_hosts_of_the_aggregate(make_cloud: Any) -> None:
    cloud = make_cloud(hosts=3)
    cloud.process()
    put(cloud, OTHER)
    ask(cloud, aggregate_of(cloud, "node1", "node3"), FAKE_IMAGE_ID, OTHER)
    both = {FAKE_IMAGE_ID, OTHER}
    hosts = cloud.hosts.all
    wait_for(lambda: hosts["node1"].images == hosts["node3"].images == both, 20, "the images")
    assert not hosts["node2"].images
    assert cloud.hosts.calls("cache_image") == 4


def test_what_one_host_cannot_do_stops_no_other(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    def full(host: Host) -> None:
        raise errors.Unavailable(service="Storage of this host", reason="No space left on device")

    def breaks(host: Host) -> None:
        raise RuntimeError("not foreseen")

    put(cloud, OTHER)
    cloud.hosts.script("cache_image", full, breaks)
    ask(cloud, aggregate_of(cloud, "node1", "node2"), FAKE_IMAGE_ID, OTHER)
    both = {FAKE_IMAGE_ID, OTHER}
    wait_for(lambda: cloud.hosts.all["node2"].images == both, 20, "the other host")
    assert cloud.hosts.calls("cache_image") == 4
    assert any("No space left" in text and "node1" in text for text in caplog.messages)


def test_hosts_that_are_down_are_left_out(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    conductor = cloud.processes[0]
    [service] = conductor.list_services(service_context(), host="node1", binary="nova-compute")
    conductor.update_service(service_context(), uuid=service.uuid, forced_down=True)
    ask(cloud, aggregate_of(cloud, "node1", "node2"), FAKE_IMAGE_ID)
    wait_for(lambda: cloud.hosts.all["node2"].images, 20, "the host that is up")
    assert not cloud.hosts.all["node1"].calls
    assert any("node1 is down" in text for text in caplog.messages)


def test_refused_at_once(cloud: Cloud) -> None:
    number = aggregate_of(cloud, "node1")
    with pytest.raises(errors.AggregateNotFound):
        ask(cloud, number + 1, FAKE_IMAGE_ID)
    with pytest.raises(errors.ImageNotFound):
        ask(cloud, number, FAKE_IMAGE_ID, OTHER)
    put(cloud, OTHER, status="queued")
    with pytest.raises(errors.ImageNotActive):
        ask(cloud, number, OTHER)
    assert not cloud.hosts.all["node1"].images
