# SPDX-License-Identifier: Apache-2.0
"""Needs what tests/integration/cloud needs, six GiB of memory, and RabbitMQ."""

from pathlib import Path

import pytest

from tests.fixtures.rabbit import RabbitServer
from tests.integration.cloud.lab import missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing() or ("" if RabbitServer.available() else "needs RabbitMQ")
    for item in items:
        if reason and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))
