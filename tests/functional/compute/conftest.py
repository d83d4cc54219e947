# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.compute.lab import Lab


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Lab]:
    """A lab whose compute service has not been started."""
    made = Lab(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lab(stopped: Lab) -> Lab:
    return stopped.start()
