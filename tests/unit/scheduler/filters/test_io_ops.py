# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import IoOpsFilter
from tests.unit.scheduler.harness import host, refuses, request


def test_a_busy_host_is_refused() -> None:
    limit = {"max_io_ops_per_host": 3}
    assert refuses(IoOpsFilter, host(io_workload=2), request(), **limit) is None
    reason = refuses(IoOpsFilter, host(io_workload=3), request(), **limit)
    assert reason is not None and (reason.wanted, reason.has) == ("less than 3", "3")


def test_eight_is_the_limit_where_nobody_says_otherwise() -> None:
    assert refuses(IoOpsFilter, host(io_workload=7), request()) is None
    assert refuses(IoOpsFilter, host(io_workload=8), request()) is not None
