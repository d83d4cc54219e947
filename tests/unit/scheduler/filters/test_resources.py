# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.domain.host import HostState, Inventory
from nova_lite.domain.request import Reason
from nova_lite.scheduler.filters import ResourcesFilter
from tests.unit.scheduler.harness import host, refuses, request


def room(has: Inventory, used: int, wanted: int) -> Reason | None:
    seen: HostState = host(inventory={"CUSTOM_X": has}, used={"CUSTOM_X": used})
    return refuses(ResourcesFilter, seen, request(resources={"CUSTOM_X": wanted}))


@pytest.mark.parametrize(
    ("has", "used", "wanted", "passes"),
    [
        (Inventory(total=10), 0, 10, True),
        (Inventory(total=10), 1, 10, False),
        (Inventory(total=10, reserved=4), 0, 6, True),
        (Inventory(total=10, reserved=4), 0, 7, False),
        (Inventory(total=10, reserved=4, ratio=2.0), 0, 12, True),
        (Inventory(total=10, reserved=4, ratio=2.0), 0, 13, False),
        (Inventory(total=3, ratio=1.5), 4, 1, False),
        (Inventory(total=10, ratio=16.0, max_unit=10), 0, 11, False),
        (Inventory(total=10, min_unit=2), 0, 1, False),
        (Inventory(total=10, step_size=4), 0, 6, False),
        (Inventory(total=10, step_size=4), 0, 8, True),
        (Inventory(total=10), 20, 1, False),
        (Inventory(total=0), 0, 0, True),
    ],
)
def test_what_fits(has: Inventory, used: int, wanted: int, passes: bool) -> None:
    assert (room(has, used, wanted) is None) is passes


def test_a_class_that_the_host_has_not_is_refused() -> None:
    asked = request(resources={"VGPU": 1})
    reason = refuses(ResourcesFilter, host(), asked)
    assert reason is not None and (reason.check, reason.has) == ("VGPU", "0 free")


def test_the_reason_is_counted_by_class_and_says_by_how_much() -> None:
    seen = host(ram=2048, used={"MEMORY_MB": 1800})
    reason = refuses(ResourcesFilter, seen, request(ram=512))
    assert reason is not None
    assert (reason.check, reason.wanted, reason.has) == ("MEMORY_MB", "512", "248 free")


def test_an_overfull_host_has_nothing_free() -> None:
    reason = room(Inventory(total=1), 5, 1)
    assert reason is not None and reason.has == "0 free"
