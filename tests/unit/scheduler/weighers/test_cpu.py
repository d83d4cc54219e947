# SPDX-License-Identifier: Apache-2.0
from nova_lite.domain.host import Inventory
from nova_lite.scheduler.weighers import CPUWeigher
from tests.unit.scheduler.harness import host, score


def test_free_vcpus_with_the_ratio() -> None:
    inventory = {"VCPU": Inventory(total=8, reserved=2, ratio=4.0)}
    assert score(CPUWeigher, host(inventory=inventory, used={"VCPU": 3})) == 21
    assert score(CPUWeigher, host(inventory={})) == 0
