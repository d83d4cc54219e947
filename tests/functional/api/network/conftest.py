# SPDX-License-Identifier: Apache-2.0
import pytest

from tests.functional.api.network.lab import Networking, build


@pytest.fixture
def networking() -> Networking:
    return build()
