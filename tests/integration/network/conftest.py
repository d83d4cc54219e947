# SPDX-License-Identifier: Apache-2.0
"""Needs root, dnsmasq, nft, ip, busybox; every test has hosts of its own."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.base import process
from tests.integration.network.lab import Host

NEEDED = ("ip", "nft", "dnsmasq", "busybox", "nsenter", "unshare")
UDHCPC = """\
#!/bin/sh
[ "$1" = bound ] || exit 0
ip address replace "$ip/$mask" dev "$interface"
env | grep -E '^(ip|mask|router|dns|opt26|mtu|staticroutes|serverid|domain|lease)='
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    path = process.environment()["PATH"]
    missing = [name for name in NEEDED if shutil.which(name, path=path) is None]
    reason = "needs root" if os.geteuid() else f"needs {', '.join(missing)}" if missing else ""
    for item in items:
        if reason and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """For udhcpc: takes the address, and says what it got."""
    path = tmp_path / "udhcpc"
    path.write_text(UDHCPC)
    path.chmod(0o755)
    return path


@pytest.fixture
def make_host(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """`make_host(name, **options of [network])`: a host whose daemon runs."""
    made: list[Host] = []

    def make(name: str = "h1", *, user: int = 0, **options: Any) -> Host:
        # short: paths of sockets are
        folder = Path("/tmp") / f"nl-{uuid.uuid4().hex[:8]}"
        host = Host(folder, name, {k: str(v) for k, v in options.items()}, user)
        made.append(host)
        host.start_daemon()
        return host

    yield make
    for host in made:
        host.end()
        shutil.rmtree(host.folder, ignore_errors=True)
