# SPDX-License-Identifier: Apache-2.0
"""devstack/build-guest-image makes a guest that boots and does what later tests ask of it."""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures import qemu
from tests.fixtures.guest_image import BUILD, can_be_built, guest_image
from tests.fixtures.process import find_program, free_port
from tests.fixtures.wait import wait_for

UUID = "83679162-1378-4288-a2d4-70e13ec132aa"

pytestmark = [pytest.mark.libvirt, pytest.mark.slow]


@pytest.fixture(scope="module")
def image() -> Path:
    if not qemu.available() or not can_be_built() or not find_program("genisoimage"):
        pytest.skip("QEMU, genisoimage or a tool of the image builder is not installed")
    return guest_image()


@pytest.fixture
def guest(image: Path, tmp_path: Path) -> Iterator[qemu.Guest]:
    guest = qemu.Guest(image, tmp_path, disk_size="300M", ssh_port=free_port())
    yield guest
    guest.stop()


def _config_drive(folder: Path, public_key: str) -> Path:
    content = folder / "drive" / "openstack" / "latest"
    content.mkdir(parents=True)
    metadata = {
        "uuid": UUID,
        "hostname": "first.novalocal",
        "meta": {"uuid": "another", "note": 'a "quoted" word'},
        "public_keys": {"mine": public_key + "\n"},
    }
    (content / "meta_data.json").write_text(json.dumps(metadata))
    (content / "user_data").write_text("#!/bin/sh\necho made-by-user-data > /root/made\n")
    drive = folder / "drive.iso"
    qemu.make_iso(folder / "drive", drive, "config-2")
    return drive


def _ssh(guest: qemu.Guest, key: Path, command: str) -> str:
    done = subprocess.run(
        [
            *("ssh", "-i", str(key), "-p", str(guest.ssh_port), "-o", "BatchMode=yes"),
            *("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
            *("root@127.0.0.1", command),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_boots_without_any_metadata(guest: qemu.Guest) -> None:
    guest.start()
    guest.wait_for_line(r"^guest login: ")
    lines = re.findall(r"^GUEST: .*", guest.console(), re.MULTILINE)
    assert lines[0].startswith("GUEST: boot number 1, root /dev/vda2 2"), lines[0]  # 2xx MiB
    assert lines[1] == "GUEST: agent started"
    assert lines[2].startswith("GUEST: dhcp eth0 10.0.2.15/24")
    assert lines[3] == "GUEST: no metadata"
    assert lines[4].startswith("GUEST: ready hostname=guest uptime=")


def test_config_drive_agent_and_power_button(guest: qemu.Guest, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    drive = _config_drive(tmp_path, key.with_suffix(".pub").read_text().strip())
    guest.start(["-drive", f"file={drive},if=virtio,format=raw,readonly=on"])
    guest.wait_for_line(r"^GUEST: config drive /dev/vdb iso9660$")
    guest.wait_for_line(
        rf"^GUEST: metadata from config-drive: uuid={UUID} hostname=first\.novalocal$"
    )
    guest.wait_for_line(r"^GUEST: ssh keys: 1$")
    guest.wait_for_line(r"^GUEST: user-data: script rc=0$")
    guest.wait_for_line(r"^first\.novalocal login: ")

    assert _ssh(guest, key, "cat /root/made; hostname").split() == [
        "made-by-user-data",
        "first.novalocal",
    ]
    assert guest.agent("guest-ping") == {}
    secret = base64.b64encode(b"new:secret").decode()
    guest.agent("guest-set-user-password", username="root", password=secret, crypted=False)
    assert "$6$" in _ssh(guest, key, "grep ^root /etc/shadow")

    guest.monitor("system_powerdown")
    guest.wait_for_line(r"^GUEST: power button$")
    guest.wait_for_line(r"^GUEST: shutting down$")
    wait_for(lambda: not guest.running(), 60, "the guest to power off")


def test_the_first_interface_leads_out_whatever_comes_and_goes(
    guest: qemu.Guest, tmp_path: Path
) -> None:
    """eth0 has no gateway here; the network of eth1 and that of the later eth2 have one each."""
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    drive = _config_drive(tmp_path, key.with_suffix(".pub").read_text().strip())
    early = ["-nic", "user,model=virtio-net-pci,net=10.0.3.0/24"]
    guest.start([*early, "-drive", f"file={drive},if=virtio,format=raw,readonly=on"])
    guest.wait_for_line(r"^first\.novalocal login: ")
    out = "default via 10.0.3.2 dev eth1"
    assert _way(guest, key, "ip route get 192.0.2.1") == ("10.0.3.2", "eth1")

    guest.monitor("netdev_add user,id=late,net=10.0.4.0/24")
    guest.monitor("device_add virtio-net-pci,netdev=late,id=late")
    guest.wait_for_line(r"^GUEST: dhcp eth2 10\.0\.4\.15/24 router=10\.0\.4\.2")
    defaults = _ssh(guest, key, "ip route | grep ^default").splitlines()
    assert [line.split(" metric")[0].strip() for line in defaults] == [
        out,
        "default via 10.0.4.2 dev eth2",
    ]
    assert _way(guest, key, "ip route get 192.0.2.1") == ("10.0.3.2", "eth1")
    answer = "ip route get 192.0.2.1 from 10.0.4.15"
    assert _way(guest, key, answer) == ("10.0.4.2", "eth2"), "it leaves where it came in"

    guest.monitor("device_del late")
    guest.wait_for_line(r"^GUEST: nic removed eth2")
    left = _ssh(guest, key, "ip route; ip rule")
    assert out in left and "10.0.4." not in left


def _way(guest: qemu.Guest, key: Path, command: str) -> tuple[str, str]:
    """(gateway, interface) of what `ip route get` says."""
    words = _ssh(guest, key, command).split()
    return words[words.index("via") + 1], words[words.index("dev") + 1]


def test_bad_arguments_are_refused(tmp_path: Path) -> None:
    for words in ([], ["--nonsense"], [str(tmp_path / "x"), "vmdk"]):
        done = subprocess.run([BUILD, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("build-guest-image: ")
    assert list(tmp_path.iterdir()) == []
