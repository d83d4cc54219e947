# SPDX-License-Identifier: Apache-2.0
"""The Glance adapter, against HTTP."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keystoneauth1 import loading

from nova_lite.backends import keystone
from nova_lite.backends.image.glance import GlanceImages, image_from_api
from nova_lite.base.clock import ManualClock
from nova_lite.base.context import RequestContext, service_context
from nova_lite.domain import errors
from nova_lite.domain.image import Image
from tests.fixtures.glance import GlanceStandIn
from tests.fixtures.process import free_port
from tests.fixtures.settings import make_conf

MEMBER = RequestContext(project_id="p1", roles=("member",), auth_token="token-p1")
IMAGE = Image(id="00000000-0000-4000-8000-000000000001", name="i", owner="p1", disk_format="raw")


@pytest.fixture
def glance() -> Iterator[GlanceStandIn]:
    with GlanceStandIn() as stand_in:
        stand_in.put(IMAGE, b"data")
        yield stand_in


@pytest.fixture(autouse=True)
def no_waiting(manual_clock: ManualClock) -> None:
    """Pauses between tries take no time."""


def test_calls_bear_the_callers_token_and_request_id(glance: GlanceStandIn) -> None:
    images = glance.adapter()
    images.get(MEMBER, IMAGE.id)
    path, headers = glance.requests[-1]
    assert path == f"/v2/images/{IMAGE.id}"
    assert headers["X-Auth-Token"] == "token-p1"
    assert headers["X-OpenStack-Request-ID"] == MEMBER.request_id
    assert "X-Service-Token" not in headers
    images.get(service_context(), IMAGE.id)
    assert "X-Auth-Token" not in glance.requests[-1][1]


def test_an_endpoint_may_end_with_the_version(glance: GlanceStandIn) -> None:
    for suffix in ("/v2", "/v2/", "/"):
        assert glance.adapter(glance.url + suffix).get(MEMBER, IMAGE.id).name == "i"
        assert glance.requests[-1][0] == f"/v2/images/{IMAGE.id}"


def test_reads_are_tried_again(glance: GlanceStandIn) -> None:
    images = glance.adapter(glance__num_retries=2)
    glance.faults = ["503", "503"]
    assert images.get(MEMBER, IMAGE.id).name == "i"
    glance.faults = ["503", "503", "503"]
    with pytest.raises(errors.ImageStoreUnavailable, match="503"):
        images.get(MEMBER, IMAGE.id)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("403", errors.ImageNotFound),
        ("404", errors.ImageNotFound),
        ("401", errors.ImageStoreUnavailable),
        ("500", errors.ImageStoreUnavailable),
        ("garbage", errors.ImageStoreUnavailable),
    ],
)
def test_errors_are_ours(glance: GlanceStandIn, fault: str, error: type[Exception]) -> None:
    glance.faults = [fault]
    with pytest.raises(error):
        glance.adapter(glance__num_retries=0).get(MEMBER, IMAGE.id)


def test_a_download_that_breaks_off_can_be_tried_again(
    glance: GlanceStandIn, tmp_path: Path
) -> None:
    images = glance.adapter()
    big = glance.put(IMAGE, b"y" * 1_000_000)
    glance.faults = ["", "hangup"]
    with pytest.raises(errors.ImageStoreUnavailable):
        images.download(MEMBER, big.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    images.download(MEMBER, big.id, tmp_path / "out")
    assert (tmp_path / "out").stat().st_size == 1_000_000


def test_a_download_that_stands_still_ends(glance: GlanceStandIn, tmp_path: Path) -> None:
    """The service is there, and says nothing any more: as one that was stopped."""
    images = glance.adapter(timeout=1)
    big = glance.put(IMAGE, b"y" * 1_000_000)
    glance.faults = ["", "stall"]
    with pytest.raises(errors.ImageStoreUnavailable, match="timed out"):
        images.download(MEMBER, big.id, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    images.download(MEMBER, big.id, tmp_path / "out")


@pytest.mark.parametrize("fault", ["hangup", "stall"])
def test_an_upload_that_breaks_off_can_be_tried_again(glance: GlanceStandIn, fault: str) -> None:
    images = glance.adapter(timeout=1)
    images.create(MEMBER, NEW)
    data = [bytes(1 << 20)] * 64  # more than is on the way
    glance.faults = [fault]
    with pytest.raises(errors.ImageStoreUnavailable):
        images.upload(MEMBER, NEW.id, iter(data))
    assert images.get(MEMBER, NEW.id).status == "queued"
    assert images.upload(MEMBER, NEW.id, iter(data[:2])).size == 2 << 20


def test_an_image_without_data_is_not_active(glance: GlanceStandIn, tmp_path: Path) -> None:
    glance.images[IMAGE.id] = (glance.put(IMAGE, b""), b"")
    glance.faults = ["", "204"]
    with pytest.raises(errors.ImageNotActive):
        glance.adapter().download(MEMBER, IMAGE.id, tmp_path / "out")


def test_nobody_listens() -> None:
    with GlanceStandIn() as stand_in:
        images = stand_in.adapter(f"http://127.0.0.1:{free_port()}", glance__num_retries=1)
        with pytest.raises(errors.ImageStoreUnavailable) as caught:
            images.get(MEMBER, IMAGE.id)
    assert "\n" not in str(caught.value)


def test_without_credentials_or_endpoint_the_options_are_named() -> None:
    with pytest.raises(errors.ConfigurationError, match=r"\[glance\] auth_type"):
        GlanceImages(make_conf())


def test_what_the_api_says_in_our_words() -> None:
    image = image_from_api(
        {
            "id": IMAGE.id,
            "name": None,
            "os_hash_algo": "sha512",
            "os_hash_value": "ab",
            "os_hidden": True,
            "created_at": "2026-01-02T03:04:05Z",
            "hw_disk_bus": "scsi",
            "os_number": 7,
            "owner_specified.openstack.md5": "",
            "stores": "file",
            "self": "/v2/images/x",
            "unset": None,
        }
    )
    assert (image.name, image.hash_algo, image.hidden) == (None, "sha512", True)
    assert image.created_at is not None
    assert image.created_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert image.properties == {
        "hw_disk_bus": "scsi",
        "os_number": "7",
        "owner_specified.openstack.md5": "",
    }
    with pytest.raises(errors.ImageStoreUnavailable):
        image_from_api({"name": "x"})


def test_our_own_token_goes_beside_the_callers(glance: GlanceStandIn) -> None:
    conf = make_conf()
    keystone.register(conf, "glance")
    conf.register_opts(loading.get_auth_plugin_conf_options("admin_token"), group="glance")
    options = {"auth_type": "admin_token", "endpoint": glance.url, "token": "token-service"}
    for name, value in options.items():
        conf.set_override(name, value, "glance")
    images = GlanceImages(conf)
    images.get(MEMBER, IMAGE.id)
    assert glance.requests[-1][1]["X-Auth-Token"] == "token-p1"
    assert glance.requests[-1][1]["X-Service-Token"] == "token-service"
    with pytest.raises(errors.ImageNotFound):  # it is another project's image
        images.get(service_context(), IMAGE.id)
    assert glance.requests[-1][1]["X-Auth-Token"] == "token-service"


NEW = Image(id="00000000-0000-4000-8000-000000000002", name="new", disk_format="raw")


@pytest.mark.parametrize(
    ("kept", "reason"),
    [(lambda data: data[:-1], "3 of 4 bytes"), (lambda data: b"dat@", "checksum")],
    ids=["short", "other"],
)
def test_an_upload_that_did_not_arrive_whole_is_no_success(
    glance: GlanceStandIn, kept: Callable[[bytes], bytes], reason: str
) -> None:
    images = glance.adapter()
    images.create(MEMBER, NEW)
    glance.uploaded = kept
    with pytest.raises(errors.ImageStoreUnavailable, match=reason):
        images.upload(MEMBER, NEW.id, [b"da", b"ta"])


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("403", errors.Forbidden),
        ("409", errors.ImageConflict),
        ("413", errors.Invalid),
        ("500", errors.ImageStoreUnavailable),
        ("503", errors.ImageStoreUnavailable),
    ],
)
def test_refusals_of_what_is_written(
    glance: GlanceStandIn, status: str, error: type[Exception]
) -> None:
    images = glance.adapter()
    before = len(glance.requests)
    glance.faults = [status]
    with pytest.raises(error):
        images.create(MEMBER, NEW)
    assert len(glance.requests) == before + 1, "what is written is sent once"
    images.create(MEMBER, NEW)
