# SPDX-License-Identifier: Apache-2.0
"""The concurrency back end of this test run, chosen before anything else is imported.

NOVA_LITE_CONCURRENCY=eventlet or threading; without it the tests run on native threads.
"""

import os
from collections.abc import Iterator

import pytest

from nova_lite.base import clock, concurrency

if os.environ.get(concurrency.ENVIRONMENT):
    concurrency.patch()


@pytest.fixture
def manual_clock() -> Iterator[clock.ManualClock]:
    """The clock of the process stands still, until the test advances it."""
    made = clock.ManualClock()
    before = clock.set_clock(made)
    yield made
    clock.set_clock(before)
