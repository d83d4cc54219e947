# SPDX-License-Identifier: Apache-2.0
"""A driver that cannot start says why, in one line."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nova_lite.domain.errors import ConfigurationError, HypervisorUnavailable
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.libvirtd import Libvirtd
from tests.fixtures.settings import make_conf
from tests.integration.libvirt.guests import MakeDriver

CPUINFO = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")


@pytest.mark.skipif("vmx" in CPUINFO or "svm" in CPUINFO, reason="this CPU can do it")
def test_kvm_that_only_looks_present_is_refused(make_driver: MakeDriver) -> None:
    with pytest.raises(ConfigurationError, match=r"virt_type: kvm cannot .*; set virt_type = qemu"):
        make_driver(libvirt__virt_type="kvm")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"libvirt__cpu_mode": "host-passthrough"}, "host-passthrough cannot be had"),
        ({"libvirt__cpu_mode": "custom"}, "cpu_models: cpu_mode custom needs"),
        (
            {"libvirt__cpu_mode": "custom", "libvirt__cpu_models": ["no-such"]},
            "none of no-such",
        ),
        ({"libvirt__disk_cachemodes": ["file=fast"]}, "disk_cachemodes"),
        ({"instances_path": "/proc/nowhere"}, "instances_path"),
    ],
)
def test_wrong_options_are_named(
    make_driver: MakeDriver, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason) as caught:
        make_driver(**options)
    assert "\n" not in str(caught.value)


def test_no_libvirtd(tmp_path: Path) -> None:
    uri = f"qemu+unix:///system?socket={tmp_path}/absent"
    conf = make_conf(instances_path=str(tmp_path), libvirt__connection_uri=uri)
    driver = LibvirtDriver(conf)
    for _ in range(2):  # the second answer comes without a try
        with pytest.raises(HypervisorUnavailable, match="is libvirtd running") as caught:
            driver.start("cpu-1")
        assert "\n" not in str(caught.value)


def test_a_cpu_model_is_used(make_driver: MakeDriver) -> None:
    make_driver(libvirt__cpu_mode="custom", libvirt__cpu_models=["no-such", "Nehalem"])


STARTS = """
import sys
from nova_lite.domain.errors import ConfigurationError
from nova_lite.virt.libvirt.driver import LibvirtDriver
from tests.fixtures.settings import make_conf
{before}
conf = make_conf(instances_path=sys.argv[1], libvirt__virt_type="qemu",
                 libvirt__connection_uri=sys.argv[2])
try:
    LibvirtDriver(conf).start("cpu-1")
except ConfigurationError as error:
    print(error)
"""


def start_in_a_process(libvirtd: Libvirtd, folder: Path, before: str = "", **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", STARTS.format(before=before), str(folder), libvirtd.uri],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **env},
    )
    assert "Traceback" not in done.stderr
    return done.stdout


def test_no_binding(libvirtd: Libvirtd, tmp_path: Path) -> None:
    said = start_in_a_process(libvirtd, tmp_path, "sys.modules['libvirt'] = None")
    assert "pip install libvirt-python" in said and said.count("\n") == 1


def test_no_qemu_img(libvirtd: Libvirtd, tmp_path: Path) -> None:
    before = "from nova_lite.virt import qemu_img; qemu_img.PROGRAM = 'no-qemu-img'"
    assert "apt-get install qemu-utils" in start_in_a_process(libvirtd, tmp_path, before)


def test_a_process_with_a_driver_ends_in_order(libvirtd: Libvirtd, tmp_path: Path) -> None:
    assert start_in_a_process(libvirtd, tmp_path) == ""
