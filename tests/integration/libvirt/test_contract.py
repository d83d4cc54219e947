# SPDX-License-Identifier: Apache-2.0
"""The libvirt driver does what every driver must do."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import Driver, RootImage
from tests.functional.ports.driver_contract import DriverContract
from tests.integration.libvirt import guests
from tests.integration.libvirt.guests import MakeDriver, root_image


class TestLibvirtDriver(DriverContract):
    @pytest.fixture
    def driver(self, make_driver: MakeDriver) -> Driver:
        return make_driver()

    @pytest.fixture
    def root(self, guest_qcow2: Path) -> RootImage:
        return root_image(guest_qcow2)

    def prepared(self, instance: Instance) -> Instance:
        like = guests.small()
        return replace(instance, flavor=like.flavor, vifs=like.vifs)
