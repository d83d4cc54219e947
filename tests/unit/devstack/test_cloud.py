# SPDX-License-Identifier: Apache-2.0
"""What devstack/up says when it has done its work."""

import os
import subprocess
from pathlib import Path

import pytest

DEVSTACK = Path(__file__).resolve().parents[3] / "devstack"
FAKE, REAL = "compute_driver = fake.FakeDriver\n", "compute_driver = libvirt.LibvirtDriver\n"


def said(home: Path, driver: str, config: str) -> str:
    """With a server `first` that is ACTIVE, and can be reached by ssh if one believes the API."""
    (home / "etc").mkdir(parents=True)
    (home / "etc" / "nova.conf").write_text(config)
    script = f"""
        set -euo pipefail
        . {DEVSTACK}/lib.sh
        . {DEVSTACK}/cloud.sh
        MODE=embedded DRIVER={driver}
        openstack() {{ echo ACTIVE; }}
        nova-lite() {{ echo ssh -p 22114 root@127.0.0.1 127.0.0.1; }}
        exec 9>/dev/null
        next_steps "It is up."
        say_ssh first
    """
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "NOVA_LITE_HOME": str(home)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("driver", "config"), [("fake", FAKE), ("auto", FAKE)])
def test_nobody_is_sent_into_a_guest_that_is_faked(
    tmp_path: Path, driver: str, config: str
) -> None:
    text = said(tmp_path / "home", driver, config)
    assert "openstack server create" in text
    for word in ("ssh", "console"):
        assert word not in text


def test_a_real_one_is_shown(tmp_path: Path) -> None:
    text = said(tmp_path / "home", "auto", REAL)
    assert "openstack console log show second" in text
    assert "ssh -p 22114" in text
    assert "explain second" not in text, "there is nothing to explain of one that is ACTIVE"
