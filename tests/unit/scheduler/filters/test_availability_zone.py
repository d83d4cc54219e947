# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import AvailabilityZoneFilter
from tests.unit.scheduler.harness import host, refuses, request


def test_any_zone_will_do_when_none_is_asked_for() -> None:
    assert refuses(AvailabilityZoneFilter, host(zone="north"), request()) is None


def test_the_zone_must_be_the_one_asked_for() -> None:
    asked = request(availability_zone="north")
    assert refuses(AvailabilityZoneFilter, host(zone="north"), asked) is None
    reason = refuses(AvailabilityZoneFilter, host(zone="south"), asked)
    assert reason is not None and (reason.wanted, reason.has) == ("north", "south")
