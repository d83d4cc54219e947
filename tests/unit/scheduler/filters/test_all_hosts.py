# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import AllHostsFilter
from nova_lite.scheduler.settings import Settings
from tests.unit.scheduler.harness import host, request


def test_every_host_passes() -> None:
    one = AllHostsFilter(Settings())
    assert one.check(host(up=False, ram=0), request()) is None
    assert not one.needed(request())
