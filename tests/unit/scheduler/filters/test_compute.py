# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import ComputeFilter
from tests.unit.scheduler.harness import host, refuses, request


def test_up_and_enabled_passes() -> None:
    assert refuses(ComputeFilter, host(), request()) is None


def test_down_is_refused() -> None:
    reason = refuses(ComputeFilter, host(up=False), request())
    assert reason is not None and reason.text == "the compute service is down"


def test_disabled_is_refused_and_says_why() -> None:
    seen = host(disabled=True, disabled_reason="new disks")
    reason = refuses(ComputeFilter, seen, request())
    assert reason is not None and reason.text.endswith("disabled: new disks")


def test_who_forces_a_host_may_use_a_disabled_one_but_none_that_is_down() -> None:
    forced = request(forced_host="h1")
    assert refuses(ComputeFilter, host(disabled=True), forced) is None
    assert refuses(ComputeFilter, host(disabled=True, up=False), forced) is not None
    assert refuses(ComputeFilter, host(disabled=True), request(requested_host="h1")) is not None
