# SPDX-License-Identifier: Apache-2.0
"""What every volume back end must do, on those that need no service of their own."""

from pathlib import Path
from typing import Any

import pytest

from nova_lite.backends.load import load_volume
from nova_lite.backends.volume.fake import FakeVolumes
from nova_lite.backends.volume.none import NoVolumes
from nova_lite.backends.volume.port import Volume, VolumePort
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from tests.fixtures.settings import make_conf

CONTEXT = RequestContext(project_id="p1", roles=("member",))
ABSENT = "7d3c7f4e-0000-4000-8000-000000000000"


@pytest.fixture(params=["fake", "fake in files"])
def port(request: pytest.FixtureRequest, tmp_path: Path) -> VolumePort:
    name, _, files = request.param.partition(" ")
    path = str(tmp_path) if files else None
    return load_volume(make_conf(volume__backend=name, fake__state_path=path))


@pytest.fixture
def volume(port: VolumePort) -> Volume:
    return port.create(CONTEXT, size=2, name="v")


def status(port: VolumePort, volume: Volume) -> str:
    return port.get(CONTEXT, volume.id).status


def test_the_life_of_an_attachment(port: VolumePort, volume: Volume) -> None:
    assert (volume.size, volume.status) == (2, "available")
    kept = port.reserve(CONTEXT, volume.id, "server-1")
    assert (kept.volume_id, kept.instance_uuid) == (volume.id, "server-1")
    assert status(port, volume) == "reserved"
    connected = port.connect(CONTEXT, kept.id, {"host": "h1"})
    assert connected.id == kept.id
    assert connected.connection_info["driver_volume_type"]
    assert "data" in connected.connection_info
    port.complete(CONTEXT, kept.id)
    assert status(port, volume) == "in-use"
    port.detach(CONTEXT, kept.id)
    assert status(port, volume) == "available"
    port.delete(CONTEXT, volume.id)
    with pytest.raises(errors.VolumeNotFound):
        port.get(CONTEXT, volume.id)


def test_everything_can_be_done_twice(port: VolumePort, volume: Volume) -> None:
    assert port.create(CONTEXT, size=2, name="v").id == volume.id
    kept = port.reserve(CONTEXT, volume.id, "server-1")
    assert port.reserve(CONTEXT, volume.id, "server-1").id == kept.id
    for _ in range(2):
        assert port.connect(CONTEXT, kept.id, {"host": "h1"}).connection_info
    for _ in range(2):
        port.complete(CONTEXT, kept.id)
    for _ in range(2):
        port.detach(CONTEXT, kept.id)
    assert status(port, volume) == "available"


def test_a_volume_belongs_to_one_server_at_a_time(port: VolumePort, volume: Volume) -> None:
    port.reserve(CONTEXT, volume.id, "server-1")
    with pytest.raises(errors.Invalid):
        port.reserve(CONTEXT, volume.id, "server-2")
    with pytest.raises(errors.Invalid):
        port.delete(CONTEXT, volume.id)


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("get", (ABSENT,)),
        ("delete", (ABSENT,)),
        ("reserve", (ABSENT, "server-1")),
    ],
)
def test_a_volume_that_is_not_there(port: VolumePort, call: str, arguments: Any) -> None:
    with pytest.raises(errors.VolumeNotFound) as refused:
        getattr(port, call)(CONTEXT, *arguments)
    assert ABSENT in refused.value.message


def test_an_attachment_that_is_not_there(port: VolumePort) -> None:
    with pytest.raises(errors.Invalid):
        port.connect(CONTEXT, ABSENT, {"host": "h1"})
    with pytest.raises(errors.Invalid):
        port.complete(CONTEXT, ABSENT)


@pytest.mark.parametrize(
    ("call", "arguments", "named"),
    [
        ("get", ("v",), {}),
        ("create", (), {"size": 1}),
        ("delete", ("v",), {}),
        ("reserve", ("v", "s"), {}),
        ("connect", ("a", {}), {}),
        ("complete", ("a",), {}),
        ("detach", ("a",), {}),
    ],
)
def test_without_volumes_every_call_says_so(
    call: str, arguments: Any, named: dict[str, Any]
) -> None:
    with pytest.raises(errors.Unsupported, match="no volume service"):
        getattr(NoVolumes(), call)(CONTEXT, *arguments, **named)


def test_faults_on_demand() -> None:
    fake = FakeVolumes()
    volume = fake.put(Volume(id="v", size=1, multiattach=True))
    fake.faults.fail("volume.reserve")
    with pytest.raises(errors.VolumeUnavailable):
        fake.reserve(CONTEXT, volume.id, "server-1")
    fake.reserve(CONTEXT, volume.id, "server-1")
    fake.reserve(CONTEXT, volume.id, "server-2")
