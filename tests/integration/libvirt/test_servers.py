# SPDX-License-Identifier: Apache-2.0
"""The whole service with real guests: rescue and rebuild, and guests that others lay hands on."""

import os
import signal

from nova_lite.domain.errors import HypervisorUnavailable
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState
from tests.fixtures.wait import wait_for
from tests.integration.libvirt.guests import console, wait_ready
from tests.integration.libvirt.real import PATIENCE, Real
from tests.integration.libvirt.test_mishaps import emulator_of


def booted(real: Real, server: str, times: int) -> None:
    """Until it is up for that time: what is said of the boot before is in the console, too."""
    wait_ready(real.driver, real.found(server), times)


def test_mended_and_made_anew(real: Real) -> None:
    """A server whose disk is mended from a rescue, and that is made anew in the end."""
    server = real.server()
    real.ask(server, "echo broken > /root/mine")
    answer = real.member.post(f"/v2.1/servers/{server}/action", {"rescue": None})
    assert answer.status == 200 and answer.json["adminPass"]
    real.becomes(server, "RESCUE")
    booted(real, server, 2)
    said = real.ask(
        server,
        "ls /root/mine",
        "mount /dev/vdb2 /mnt && cat /mnt/root/mine && echo mended > /mnt/root/mine",
        "umount /mnt",
    )
    assert "/root/mine: No such file" in said and "\nbroken" in said

    real.act(server, "unrescue")
    real.becomes(server, "ACTIVE")
    booted(real, server, 3)
    assert "\nmended" in real.ask(server, "cat /root/mine")
    assert not (real.instances / server / "disk.rescue").exists()

    shown = real.act(server, "rebuild", {"imageRef": real.image, "name": "anew"}).json["server"]
    assert shown["status"] == "REBUILD"
    assert real.becomes(server, "ACTIVE")["name"] == "anew"
    assert "/root/mine: No such file" in real.ask(server, "ls /root/mine")

    real.member.post(f"/v2.1/servers/{server}/action", {"rescue": None})
    real.becomes(server, "RESCUE")
    real.remove(server)
    assert not (real.instances / server).exists()
    assert server not in real.libvirtd.virsh("list", "--all", "--uuid")


def test_a_rebuild_in_vain_leaves_the_guest_running(real: Real) -> None:
    server = real.server()
    real.ask(server, "echo precious > /root/mine")
    image = real.upload(real.guest_image, properties={"hw_architecture": "sparc"})
    real.act(server, "rebuild", {"imageRef": image})
    failed = real.becomes(server, "ERROR")
    assert "No valid host" in failed["fault"]["message"]
    assert failed["image"]["id"] == real.image
    real.act(server, "reboot", {"type": "HARD"})
    wait_for(lambda: real.found(server).vm_state == "active", PATIENCE, "it to be well again")
    booted(real, server, 2)
    assert "\nprecious" in real.ask(server, "cat /root/mine")
    real.remove(server)


def _power(real: Real, server: str, state: PowerState) -> None:
    path = f"/v2.1/servers/{server}"
    wait_for(
        lambda: real.member.get(path).json["server"]["OS-EXT-STS:power_state"] == state,
        PATIENCE,
        f"the server to be seen {state.name}",
    )


def _runs(real: Real, instance: Instance) -> bool:
    """False also while the driver waits before it connects again."""
    try:
        return real.driver.power_state(instance) is PowerState.RUNNING
    except HypervisorUnavailable:
        return False


def test_what_is_done_to_a_guest_by_hand_is_seen(real: Real) -> None:
    server = real.server()
    found = real.found(server)
    booted(real, server, 1)
    name = real.libvirtd.virsh("domname", server).strip()

    # paused and let go on: the server says so, and nothing is done about it
    real.libvirtd.virsh("suspend", name)
    _power(real, server, PowerState.PAUSED)
    assert real.found(server).vm_state == "active"
    real.libvirtd.virsh("resume", name)
    _power(real, server, PowerState.RUNNING)

    # libvirtd goes and comes back: the guest and the server's state are as they were
    process = emulator_of(found)
    real.libvirtd.restart()
    wait_for(lambda: _runs(real, found), PATIENCE, "the driver to see the guest again")
    assert emulator_of(found) == process
    assert real.found(server).vm_state == "active"
    assert console(real.driver, found).count("GUEST: ready") == 1

    # killed, and shut down from inside: the server is off, and can be started
    os.kill(process, signal.SIGKILL)
    real.becomes(server, "SHUTOFF")
    real.act(server, "os-start")
    real.becomes(server, "ACTIVE")
    booted(real, server, 2)
    real.ask(server, "(sleep 3; poweroff) &")
    real.becomes(server, "SHUTOFF")

    # started by hand: who owns the server said that it is off
    real.libvirtd.virsh("start", name)
    real.becomes(server, "SHUTOFF")
    wait_for(
        lambda: real.driver.power_state(found) is PowerState.SHUTDOWN, PATIENCE, "it to be off"
    )
    real.remove(server)


def test_a_guest_that_ignores_the_power_button(real: Real) -> None:
    server = real.server()
    real.ask(server, "kill -STOP $(pidof acpid) $(pidof qemu-ga)")
    real.cloud.conf.set_override("shutdown_timeout", 5)
    try:
        real.act(server, "os-stop")
        real.becomes(server, "SHUTOFF")
    finally:
        real.cloud.conf.clear_override("shutdown_timeout")
    assert "shutting down" not in console(real.driver, real.found(server))
    real.act(server, "os-start")
    real.becomes(server, "ACTIVE")
    real.remove(server)
