# SPDX-License-Identifier: Apache-2.0
"""How the vCPUs of a guest are arranged, as flavor (`hw:cpu_*`) and image (`hw_cpu_*`) wish. Pure.

`cpu_sockets`, `cpu_cores` and `cpu_threads` are preferences, `cpu_max_*` are limits. The flavor
wins.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

MAX_VCPUS: Final = 65535
_PARTS: Final = ("sockets", "cores", "threads")


class Topology(msgspec.Struct, frozen=True, kw_only=True):
    sockets: int
    cores: int
    threads: int


def arrange(vcpus: int, specs: Mapping[str, str], properties: Mapping[str, str]) -> Topology | None:
    """The arrangement that keeps most of the wishes, None when nobody asks. ValueError when there
    is none within the limits, or one of them is not a number."""
    wanted = {part: _count(specs, properties, f"cpu_{part}") for part in _PARTS}
    most = {part: _count(specs, properties, f"cpu_max_{part}") or MAX_VCPUS for part in _PARTS}
    if not any(wanted.values()) and all(limit == MAX_VCPUS for limit in most.values()):
        return None
    if vcpus > MAX_VCPUS:
        raise ValueError(f"no guest has {vcpus} vCPUs")
    possible = [
        found
        for found in _arrangements(vcpus)
        if all(getattr(found, part) <= most[part] for part in _PARTS)
    ]
    if not possible:
        raise ValueError(f"{vcpus} vCPUs fit no topology within the limits of flavor and image")
    # The most wishes kept, then as many sockets as can be, then cores.
    return max(
        possible,
        key=lambda t: (
            sum(getattr(t, part) == number for part, number in wanted.items()),
            t.sockets,
            t.cores,
        ),
    )


def _count(specs: Mapping[str, str], properties: Mapping[str, str], name: str) -> int | None:
    text = specs.get(f"hw:{name}") or properties.get(f"hw_{name}")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise ValueError(f"hw:{name}={text[:50]} is not a positive number")
    return int(text)


def _arrangements(vcpus: int) -> Iterator[Topology]:
    for sockets in range(1, vcpus + 1):
        if vcpus % sockets:
            continue
        for cores in range(1, vcpus // sockets + 1):
            if (vcpus // sockets) % cores == 0:
                threads = vcpus // sockets // cores
                yield Topology(sockets=sockets, cores=cores, threads=threads)
