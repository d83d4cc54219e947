# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

import pytest

from tests.fixtures.cloud import Cloud


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """One cloud with one host for all tests of a module: each makes what it needs, in a
    project of its own where others' servers would be in its way."""
    made = Cloud(hosts=1)
    try:
        yield made
    finally:
        made.stop()
