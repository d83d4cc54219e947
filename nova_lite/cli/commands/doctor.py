# SPDX-License-Identifier: Apache-2.0
"""Look for what commonly is wrong, and say what to do about it."""

import argparse
import importlib.util
import os
import platform
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from nova_lite.cli.errors import CommandError
from nova_lite.cli.http import data_folder
from nova_lite.cli.output import ListThem
from nova_lite.domain.libvirtd import how_to_start

GIB = 1 << 30
SYSTEM_LIBVIRT = Path("/run/libvirt/libvirt-sock")


class Finding(NamedTuple):
    """state: ok, warning or problem; advice is empty when it is ok."""

    check: str
    state: str
    seen: str
    advice: str = ""


def check_qemu() -> Finding:
    binary = f"qemu-system-{platform.machine()}"
    path = shutil.which(binary) or shutil.which("qemu-kvm")
    if path:
        return Finding("QEMU", "ok", path)
    return Finding("QEMU", "problem", f"{binary} is not there", "apt install qemu-system-x86")


def check_qemu_img() -> Finding:
    path = shutil.which("qemu-img")
    if path:
        return Finding("qemu-img", "ok", path)
    return Finding("qemu-img", "problem", "not there", "apt install qemu-utils")


def check_config_drives() -> Finding:
    """What the drives of servers are made with in embedded mode."""
    for program in ("genisoimage", "xorrisofs", "mkisofs", "mcopy"):
        path = shutil.which(program)
        if path:
            return Finding("config drives", "ok", path)
    return Finding("config drives", "warning", "genisoimage is not there",
                   "apt install genisoimage")  # fmt: skip


def check_kvm() -> Finding:
    flags = Path("/proc/cpuinfo").read_text().split()
    if not {"vmx", "svm"} & set(flags):
        return Finding("KVM", "warning", "this processor shows no vmx or svm",
                       "guests are emulated: virt_type=qemu, several times slower")  # fmt: skip
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return Finding("KVM", "warning", "/dev/kvm cannot be opened", "add yourself to group kvm")
    return Finding("KVM", "ok", "/dev/kvm")


def check_binding() -> Finding:
    if importlib.util.find_spec("libvirt"):
        return Finding("libvirt for Python", "ok", "there")
    return Finding("libvirt for Python", "problem", "not there",
                   "pip install 'nova-lite[libvirt]' (wants libvirt-dev, gcc)")  # fmt: skip


def check_libvirtd(system: Path = SYSTEM_LIBVIRT) -> Finding:
    if listens(system):
        return Finding("libvirtd", "ok", str(system))
    if not shutil.which("libvirtd", path="/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"):
        return Finding("libvirtd", "problem", "not there", "apt install libvirt-daemon-system")
    if os.geteuid() != 0:
        return Finding("libvirtd", "ok", "yours starts when it is needed")
    return Finding("libvirtd", "warning", f"nobody listens at {system}", how_to_start())


def listens(place: Path) -> bool:
    """Whether there is a socket that lets us in; one that was left behind does not."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(place))
        except OSError:
            return False
    return True


def check_space() -> Finding:
    folder = data_folder()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / GIB
    seen = f"{free:.1f} GiB free for {folder}"
    if free < 2:
        return Finding("disk space", "problem", seen, "make room, or set NOVA_LITE_HOME")
    return Finding("disk space", "ok" if free >= 10 else "warning", seen,
                   "" if free >= 10 else "a few guests will fill it")  # fmt: skip


def check_network() -> Finding:
    """What the built-in network needs; others have the hypervisor's own."""
    if os.geteuid() != 0:
        return Finding("built-in network", "ok", "for root only; you have user-mode networks")
    path = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    missing = [p for p in ("ip", "bridge", "nft", "dnsmasq") if not shutil.which(p, path=path)]
    if missing:
        return Finding("built-in network", "warning", f"{', '.join(missing)} not there",
                       "apt install iproute2 nftables dnsmasq-base")  # fmt: skip
    if not Path("/proc/sys/net/bridge").exists():
        return Finding("built-in network", "warning", "the kernel does not filter bridges",
                       "modprobe br_netfilter")  # fmt: skip
    return Finding("built-in network", "ok", "ip, nft, dnsmasq and br_netfilter are there")


HERE: tuple[Callable[[], Finding], ...] = (
    check_qemu,
    check_qemu_img,
    check_config_drives,
    check_kvm,
    check_binding,
    check_libvirtd,
    check_network,
    check_space,
)


def check_cloud(api: Any) -> Iterator[Finding]:
    """The API, and every service it knows."""
    services = api.get("/os-services")["services"]
    yield Finding("Compute API", "ok", "answers")
    for service in services:
        name = f"{service['binary']} on {service['host']}"
        if service["state"] != "up":
            yield Finding(name, "problem", "has stopped reporting", "look into its log; start it")
        elif service["status"] != "enabled":
            reason = service.get("disabled_reason") or "no reason given"
            yield Finding(name, "warning", f"disabled: {reason}", "nova-lite service set --enable")
        else:
            yield Finding(name, "ok", "up")
    if not any(s["binary"] == "nova-compute" for s in services):
        yield Finding("compute hosts", "problem", "none reports", "start nova-lite-compute")


class Doctor(ListThem):
    """Check this machine and the cloud; exit code 1 when there is a problem.

    Example: nova-lite doctor -f json
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        found = [check() for check in HERE]
        try:
            found += check_cloud(self.app.api)
        except CommandError as exc:
            advice = "nova-lite up, or set OS_CLOUD"
            found.append(Finding("Compute API", "problem", str(exc), advice))
        self._problems = any(f.state == "problem" for f in found)
        return ["Check", "State", "Seen", "Advice"], found

    def run(self, parsed_args: argparse.Namespace) -> int:
        return super().run(parsed_args) or int(self._problems)
