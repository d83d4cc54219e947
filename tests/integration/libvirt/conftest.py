# SPDX-License-Identifier: Apache-2.0
"""A libvirtd of the tests' own, and drivers that use it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.virt.driver import RootImage
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures import guest_image as guest_images
from tests.fixtures.libvirtd import Libvirtd, available, own_libvirtd
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import MakeDriver, root_image
from tests.integration.libvirt.real import Real

HOST = "cpu-1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    missing = None
    if not available():
        missing = "needs libvirtd and QEMU"
    elif not guest_images.can_be_built():
        missing = "needs what the guest image is built with"
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.libvirt)
            if missing:
                item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="package")
def libvirtd() -> Iterator[Libvirtd]:
    daemon = own_libvirtd()
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()


@pytest.fixture
def instances(libvirtd: Libvirtd, tmp_path: Path) -> Path:
    """Where guests of this test are kept: short enough for the names of sockets in it."""
    return tmp_path / "instances"


@pytest.fixture
def make_driver(libvirtd: Libvirtd, instances: Path) -> MakeDriver:
    """A started driver; options as for make_conf, and `host`."""

    def make(host: str = HOST, **options: Any) -> LibvirtDriver:
        settings = {
            "instances_path": str(instances),
            "libvirt__virt_type": "qemu",
            "libvirt__connection_uri": libvirtd.uri,
        }
        driver = LibvirtDriver(make_conf(**{**settings, **options}))
        driver.start(host)
        return driver

    return make


@pytest.fixture
def driver(make_driver: MakeDriver) -> LibvirtDriver:
    return make_driver()


@pytest.fixture(scope="session")
def guest_qcow2() -> Path:
    return guest_images.guest_image()


@pytest.fixture
def root(guest_qcow2: Path) -> RootImage:
    return root_image(guest_qcow2)


@pytest.fixture(scope="module")
def real(
    libvirtd: Libvirtd, guest_qcow2: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Real]:
    made = Real(libvirtd, tmp_path_factory.mktemp("real"), guest_qcow2)
    try:
        yield made
    finally:
        made.cloud.stop()
