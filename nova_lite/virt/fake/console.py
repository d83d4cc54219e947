# SPDX-License-Identifier: Apache-2.0
"""What a pretended guest writes to its console: the same for the same guest."""

from nova_lite.virt.fake.guests import FakeGuest

_BOOT = (
    "[    0.000000] Linux version 6.1.0-fake ({hostname})",
    "[    0.000000] Command line: root=/dev/vda1 console=ttyS0",
    "[    0.004211] Memory: {memory_mb}M available, {vcpus} processor(s)",
    "[    0.310077] virtio_blk virtio1: [vda] {disk_gb} GiB",
    "[    1.020448] random: crng init done",
    "[    1.871003] systemd[1]: Hostname set to <{hostname}>.",
    "",
    "Debian GNU/Linux 12 {hostname} ttyS0",
    "",
    "{hostname} login: ",
)


def console_text(guest: FakeGuest) -> str:
    """Everything since the disks were made: one boot after the other."""
    values = {
        "hostname": guest.hostname,
        "memory_mb": guest.memory_mb,
        "vcpus": guest.vcpus,
        "disk_gb": guest.disk_gb,
    }
    boot = "\n".join(line.format(**values) for line in _BOOT)
    return "\n".join([boot] * guest.boots)


def last_lines(text: str, length: int | None) -> str:
    """The last `length` lines; None: all of them."""
    if length is None:
        return text
    return "\n".join(text.split("\n")[-length:]) if length > 0 else ""
