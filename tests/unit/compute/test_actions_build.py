# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.compute.actions.build import as_build_error, root_device_of
from nova_lite.compute.roots import limit_of
from nova_lite.domain import errors
from tests.fixtures.servers import make_instance


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (errors.ImageNotFound(image_id="i"), errors.BuildAborted),
        (errors.ImageNotActive(image_id="i"), errors.BuildAborted),
        (errors.ImageUnacceptable(image_id="i", reason="r"), errors.BuildAborted),
        (errors.FlavorTooSmall(what="disk", has=1, needs=2), errors.BuildAborted),
        (errors.BuildAborted(instance_id="u", reason="r"), errors.BuildAborted),
        (errors.FaultedBuild(instance_id="u", reason="r"), errors.FaultedBuild),
        (errors.ImageStoreUnavailable(reason="r"), errors.FaultedBuild),
        (errors.Unavailable(service="disk", reason="full"), errors.FaultedBuild),
        (errors.HypervisorUnavailable(host="h", reason="r"), errors.FaultedBuild),
        (
            errors.GuestOperationFailed(operation="start", name="n", reason="r"),
            errors.FaultedBuild,
        ),
        (KeyError("x"), errors.FaultedBuild),
    ],
)
def test_whether_another_host_may_do_better(error: Exception, becomes: type[Exception]) -> None:
    found = as_build_error(make_instance(), error)
    assert type(found) is becomes
    if isinstance(error, errors.NovaLiteError):
        assert error.message in found.message


@pytest.mark.parametrize(
    ("properties", "device"),
    [
        ({}, "/dev/vda"),
        ({"hw_disk_bus": "virtio"}, "/dev/vda"),
        ({"hw_disk_bus": "scsi"}, "/dev/sda"),
        ({"hw_disk_bus": "sata"}, "/dev/sda"),
        ({"hw_disk_bus": "ide"}, "/dev/hda"),
        ({"hw_disk_bus": "unheard-of"}, "/dev/vda"),
        ({"img_root_device_name": "vdb"}, "/dev/vdb"),
        ({"root_device_name": "/dev/xvda"}, "/dev/xvda"),
    ],
)
def test_the_name_of_the_first_disk(properties: dict[str, str], device: str) -> None:
    assert root_device_of(make_instance(image_properties=properties)) == device


def test_the_name_that_was_asked_for_comes_first() -> None:
    assert root_device_of(make_instance(root_device_name="/dev/sdz")) == "/dev/sdz"


def test_a_flavor_without_root_disk_has_no_limit() -> None:
    assert limit_of(0) is None
    assert limit_of(3) == 3 << 30
