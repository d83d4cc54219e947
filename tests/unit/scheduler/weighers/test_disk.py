# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import Inventory
from nova_lite.scheduler.weighers import DiskWeigher
from tests.unit.scheduler.harness import host, score


def test_free_disk() -> None:
    inventory = {"DISK_GB": Inventory(total=100, reserved=10)}
    assert score(DiskWeigher, host(inventory=inventory, used={"DISK_GB": 20})) == 70
    assert score(DiskWeigher, host(inventory={})) == 0
