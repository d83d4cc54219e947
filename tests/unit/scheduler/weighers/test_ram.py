# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import Inventory
from nova_lite.scheduler.weighers import RAMWeigher
from tests.unit.scheduler.harness import host, score


def test_free_memory() -> None:
    inventory = {"MEMORY_MB": Inventory(total=4096, reserved=512)}
    assert score(RAMWeigher, host(inventory=inventory, used={"MEMORY_MB": 1024})) == 2560
    assert score(RAMWeigher, host(inventory={})) == 0
