# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.weighers import IoOpsWeigher
from tests.unit.scheduler.harness import ask, chosen, host, request, score, select


def test_busy_operations_count_against_a_host() -> None:
    assert score(IoOpsWeigher, host(io_workload=3)) == 3
    seen = [host("busy", io_workload=3), host("quiet")]
    assert chosen(select(seen, ask(request()), weigh=(IoOpsWeigher,))) == ["quiet"]
