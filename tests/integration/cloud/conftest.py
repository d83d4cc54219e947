# SPDX-License-Identifier: Apache-2.0
"""Needs root, libvirt, QEMU, what the built-in network needs, ssh, and a guest image."""

from pathlib import Path

import pytest

from tests.integration.cloud.lab import missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing()
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.libvirt)
            item.add_marker(pytest.mark.slow)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))
