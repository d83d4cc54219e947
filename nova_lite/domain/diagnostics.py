# SPDX-License-Identifier: Apache-2.0
"""What a hypervisor says of a guest. None: not known. Times in nanoseconds, memory in MiB."""

import msgspec


class CpuDetails(msgspec.Struct, frozen=True, kw_only=True):
    id: int | None = None
    time: int | None = None
    utilisation: int | None = None


class DiskDetails(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: what the guest calls it."""

    name: str = ""
    read_bytes: int | None = None
    read_requests: int | None = None
    write_bytes: int | None = None
    write_requests: int | None = None
    errors_count: int | None = None


class NicDetails(msgspec.Struct, frozen=True, kw_only=True):
    """`name`: the device on the host."""

    name: str = ""
    mac_address: str | None = None
    rx_octets: int | None = None
    rx_errors: int | None = None
    rx_drop: int | None = None
    rx_packets: int | None = None
    rx_rate: int | None = None
    tx_octets: int | None = None
    tx_errors: int | None = None
    tx_drop: int | None = None
    tx_packets: int | None = None
    tx_rate: int | None = None


class Diagnostics(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: pending, running, paused, shutdown, crashed or suspended; uptime in seconds."""

    state: str
    driver: str
    hypervisor: str | None = None
    hypervisor_os: str | None = None
    uptime: int | None = None
    config_drive: bool = False
    memory_maximum: int | None = None
    memory_used: int | None = None
    cpus: list[CpuDetails] = []
    disks: list[DiskDetails] = []
    nics: list[NicDetails] = []
