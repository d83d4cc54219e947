# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.scheduler.filters import ImagePropertiesFilter
from tests.unit.scheduler.harness import host, refuses, request


@pytest.mark.parametrize(
    ("properties", "passes"),
    [
        ({}, True),
        ({"os_distro": "debian"}, True),
        ({"hw_architecture": "x86_64"}, True),
        ({"hw_architecture": "amd64"}, True),
        ({"architecture": "i386"}, True),
        ({"hw_architecture": "aarch64"}, False),
        ({"hw_architecture": "aarch64", "architecture": "x86_64"}, False),
        ({"img_hv_type": "QEMU"}, True),
        ({"img_hv_type": "xen"}, False),
        ({"hypervisor_type": "qemu", "vm_mode": "hv"}, True),
        ({"hw_vm_mode": "exe"}, False),
        ({"img_hv_type": "qemu", "img_hv_requested_version": ">=6.0,<8"}, True),
        ({"img_hv_requested_version": ">=7.2"}, True),
        ({"img_hv_requested_version": ">7.2.0"}, False),
        ({"img_hv_requested_version": "!=7.2"}, False),
        ({"img_hv_requested_version": "seven"}, False),
    ],
)
def test_a_host_must_fit_the_image(properties: dict[str, str], passes: bool) -> None:
    reason = refuses(ImagePropertiesFilter, host(), request(image_properties=properties))
    assert (reason is None) is passes, reason


def test_one_row_must_fit_in_all_points() -> None:
    rows = [("x86_64", "qemu", "hvm"), ("aarch64", "lxc", "exe")]
    asked = request(image_properties={"hw_architecture": "aarch64", "hw_vm_mode": "hvm"})
    reason = refuses(ImagePropertiesFilter, host(supported=rows), asked)
    assert reason is not None and reason.wanted == "aarch64 hvm"


def test_images_that_name_no_architecture_get_the_default() -> None:
    default = {"image_properties_default_architecture": "aarch64"}
    assert refuses(ImagePropertiesFilter, host(), request(), **default) is not None
    named = request(image_properties={"hw_architecture": "x86_64"})
    assert refuses(ImagePropertiesFilter, host(), named, **default) is None


def test_a_host_of_unknown_version_meets_no_condition() -> None:
    asked = request(image_properties={"img_hv_requested_version": ">=1"})
    assert refuses(ImagePropertiesFilter, host(hypervisor_version=0), asked) is not None
