# SPDX-License-Identifier: Apache-2.0
from nova_lite.scheduler.filters import TraitsFilter
from tests.unit.scheduler.harness import host, refuses, request


def test_required_and_forbidden() -> None:
    seen = host(traits=["HW_CPU_X86_AES", "CUSTOM_FAST"])
    assert refuses(TraitsFilter, seen, request(required_traits=["CUSTOM_FAST"])) is None
    assert refuses(TraitsFilter, seen, request(forbidden_traits=["CUSTOM_SLOW"])) is None
    missing = refuses(TraitsFilter, seen, request(required_traits=["CUSTOM_FAST", "CUSTOM_SLOW"]))
    assert missing is not None and missing.wanted == "CUSTOM_SLOW"
    present = refuses(TraitsFilter, seen, request(forbidden_traits=["CUSTOM_FAST"]))
    assert present is not None and present.has == "CUSTOM_FAST"
