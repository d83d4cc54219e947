# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import IgnoredHostsFilter
from tests.unit.scheduler.harness import host, refuses, request


def test_hosts_left_out() -> None:
    asked = request(ignore_hosts=["h1"])
    assert refuses(IgnoredHostsFilter, host("h1"), asked) is not None
    assert refuses(IgnoredHostsFilter, host("h2"), asked) is None
