# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.weighers import NumInstancesWeigher
from tests.unit.scheduler.harness import ask, chosen, host, request, score, select


def test_the_number_of_servers_counts_only_where_it_is_asked_to() -> None:
    assert score(NumInstancesWeigher, host(instances=3)) == 3
    for multiplier, taken in [(0.0, "one"), (1.0, "two"), (-1.0, "one")]:
        seen = [host("one", instances=1), host("two", instances=2)]
        outcome = select(
            seen,
            ask(request()),
            weigh=(NumInstancesWeigher,),
            multipliers={"num_instances_weight_multiplier": multiplier},
        )
        assert chosen(outcome) == [taken]
