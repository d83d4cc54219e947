# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.weighers import BuildFailureWeigher, RAMWeigher
from tests.unit.scheduler.harness import ask, chosen, host, request, score, select


def test_failures_outweigh_everything_else() -> None:
    assert score(BuildFailureWeigher, host(failed_builds=2)) == -2
    seen = [host("a", ram=99999, failed_builds=2), host("b", ram=999), host("c", failed_builds=1)]
    outcome = select(seen, ask(request()), weigh=(BuildFailureWeigher, RAMWeigher))
    picks = outcome.selected.selections[0].hosts
    assert chosen(outcome) == ["b"]
    assert [pick.host for pick in picks] == ["b", "c", "a"]
