# SPDX-License-Identifier: Apache-2.0
"""The pinger sees what it is for."""

from tests.fixtures.wait import wait_for
from tests.integration.cloud.lab import entered
from tests.integration.network.lab import Namespace, ended
from tests.soak.pinger import INTERVAL, Pinger, longest_gap

AWAY = 2.0  # seconds


def test_the_longest_gap() -> None:
    assert longest_gap({0, 1, 4, 6}, 7) == 2
    assert longest_gap({0, 1}, 5) == 3
    assert longest_gap(set(), 4) == 4
    assert longest_gap({0, 1}, 2) == 0


def test_a_guest_that_is_away_for_a_while() -> None:
    here = Namespace()
    with ended(here), entered(here):
        here.run("ip address add 10.0.0.1/32 dev lo")
        here.run("ip address add 10.0.0.2/32 dev lo")
        with Pinger(["10.0.0.1", "10.0.0.2"]).running() as pinger:
            rounds = round(AWAY / INTERVAL)
            wait_for(lambda: pinger.sent >= rounds, 30, "pings")
            here.run("ip address del 10.0.0.2/32 dev lo")
            wait_for(lambda: pinger.sent >= 2 * rounds, 30, "more of them")
            here.run("ip address add 10.0.0.2/32 dev lo")
            wait_for(lambda: pinger.sent >= 3 * rounds, 30, "more of them")
            pinger.end()
        gaps = pinger.gaps()
    assert gaps["10.0.0.1"] == 0
    assert AWAY - 2 * INTERVAL <= gaps["10.0.0.2"] <= AWAY + 5 * INTERVAL
