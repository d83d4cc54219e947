# SPDX-License-Identifier: Apache-2.0
"""What to type where libvirt's daemon does not run: the same words wherever that is noticed."""

from pathlib import Path
from typing import Final

SYSTEMD: Final = Path("/run/systemd/system")  # there when it is what started the machine


def how_to_start(systemd: Path = SYSTEMD) -> str:
    """The command for root, on a machine with systemd and on one without."""
    return "systemctl start libvirtd" if systemd.exists() else "virtlogd -d; libvirtd -d"
