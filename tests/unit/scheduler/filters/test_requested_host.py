# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.scheduler.filters import RequestedHostFilter
from tests.unit.scheduler.harness import host, refuses, request


@pytest.mark.parametrize("way", ["forced", "requested"])
def test_host_and_node_must_both_be_the_ones_named(way: str) -> None:
    seen = host("h1", node="n1")
    for names, passes in [
        ({}, True),
        ({f"{way}_host": "h1"}, True),
        ({f"{way}_node": "n1"}, True),
        ({f"{way}_host": "h1", f"{way}_node": "n1"}, True),
        ({f"{way}_host": "h2"}, False),
        ({f"{way}_node": "n2"}, False),
        ({f"{way}_host": "h1", f"{way}_node": "n2"}, False),
    ]:
        reason = refuses(RequestedHostFilter, seen, request(**names))
        assert (reason is None) is passes, names
