# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import NumInstancesFilter
from tests.unit.scheduler.harness import host, refuses, request


def test_the_limit_is_not_reached_by_placing_one_more() -> None:
    limit = {"max_instances_per_host": 5}
    assert refuses(NumInstancesFilter, host(instances=4), request(), **limit) is None
    reason = refuses(NumInstancesFilter, host(instances=5), request(), **limit)
    assert reason is not None and (reason.wanted, reason.has) == ("less than 5", "5")


def test_fifty_is_the_limit_where_nobody_says_otherwise() -> None:
    assert refuses(NumInstancesFilter, host(instances=49), request()) is None
    assert refuses(NumInstancesFilter, host(instances=50), request()) is not None
