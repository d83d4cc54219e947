# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import CellFilter
from tests.unit.scheduler.harness import host, refuses, request


def test_only_hosts_of_the_cell_of_the_record() -> None:
    assert refuses(CellFilter, host(cell="one"), request()) is None
    assert refuses(CellFilter, host(cell="one"), request(cell="one")) is None
    assert refuses(CellFilter, host(cell="one"), request(cell="two")) is not None
