# SPDX-License-Identifier: Apache-2.0
"""Needs root, libvirt, QEMU, what the built-in network needs, ssh, and a guest image."""

import os
from pathlib import Path

import pytest

from tests.fixtures.guest_image import can_be_built
from tests.fixtures.libvirtd import available
from tests.fixtures.process import find_program

NEEDED = ("ip", "nft", "dnsmasq", "nsenter", "unshare", "ssh", "busybox")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name in NEEDED if find_program(name) is None]
    reason = ""
    if os.geteuid():
        reason = "needs root"
    elif missing:
        reason = f"needs {', '.join(missing)}"
    elif not (available() and can_be_built()):
        reason = "needs libvirtd, QEMU and what the guest image is made of"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.libvirt)
            item.add_marker(pytest.mark.slow)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))
