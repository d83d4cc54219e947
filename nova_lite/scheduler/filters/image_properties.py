# SPDX-License-Identifier: Apache-2.0
"""Conditions of images about hosts: architecture, hypervisor, its version, kind of machine."""

import re
from collections.abc import Mapping
from functools import lru_cache

from nova_lite.domain.host import HostState
from nova_lite.domain.request import Reason, RequestSpec
from nova_lite.scheduler.plugin import Filter
from nova_lite.scheduler.settings import Settings

# Property, the name that old images use for it, and other words for the same value.
ARCHITECTURE = ("hw_architecture", "architecture")
HYPERVISOR = ("img_hv_type", "hypervisor_type")
VM_MODE = ("hw_vm_mode", "vm_mode")
VERSION = ("img_hv_requested_version", "hypervisor_version_requires")

_ARCHITECTURES: Mapping[str, str] = {
    "i386": "i686",
    "i486": "i686",
    "i586": "i686",
    "x86": "i686",
    "x86_32": "i686",
    "amd64": "x86_64",
    "arm64": "aarch64",
    "ppc64el": "ppc64le",
}
_VM_MODES: Mapping[str, str] = {"hv": "hvm", "baremetal": "hvm", "pv": "xen"}
_CONDITION = re.compile(r"\s*(==|!=|>=|<=|>|<)\s*(\d+(?:\.\d+)*)\s*")


class ImagePropertiesFilter(Filter):
    """The host can run what the image says it is made for."""

    name = "ImagePropertiesFilter"
    cost = 30
    rebuilds = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._default_architecture = settings.image_properties_default_architecture

    def needed(self, request: RequestSpec) -> bool:
        properties = request.image_properties
        return any(self._wanted(properties)) or bool(_first(properties, VERSION))

    def check(self, host: HostState, request: RequestSpec) -> Reason | None:
        properties = request.image_properties
        wanted = self._wanted(properties)
        if any(wanted) and not any(_fits(row, wanted) for row in host.supported):
            return Reason(
                check=self.name,
                text="the image is made for another kind of machine",
                wanted=" ".join(word for word in wanted if word),
                has=", ".join(" ".join(row) for row in host.supported) or "nothing known",
            )
        condition = _first(properties, VERSION)
        if condition and not _version_fits(host.hypervisor_version, condition):
            return Reason(
                check=self.name,
                text="the image asks for another version of the hypervisor",
                wanted=condition,
                has=".".join(map(str, _numbers(host.hypervisor_version))),
            )
        return None

    def _wanted(self, properties: Mapping[str, str]) -> tuple[str, str, str]:
        architecture = _first(properties, ARCHITECTURE) or self._default_architecture or ""
        return (
            _same(architecture, _ARCHITECTURES),
            _first(properties, HYPERVISOR).lower(),
            _same(_first(properties, VM_MODE), _VM_MODES),
        )


def _first(properties: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        value = properties.get(name)
        if value:
            return value
    return ""


def _same(word: str, others: Mapping[str, str]) -> str:
    word = word.strip().lower()
    return others.get(word, word)


def _fits(row: tuple[str, str, str], wanted: tuple[str, str, str]) -> bool:
    return all(not want or want == has for want, has in zip(wanted, row, strict=True))


def _numbers(version: int) -> tuple[int, int, int]:
    """6002000 is 6.2.0."""
    return version // 1_000_000, version // 1_000 % 1_000, version % 1_000


@lru_cache(maxsize=256)
def _conditions(text: str) -> tuple[tuple[str, tuple[int, ...]], ...] | None:
    """`>=6.0,<7` taken apart; None when it is not written so."""
    found = []
    for part in text.split(","):
        match = _CONDITION.fullmatch(part)
        if match is None:
            return None
        found.append((match[1], tuple(int(number) for number in match[2].split("."))))
    return tuple(found)


def _version_fits(version: int, text: str) -> bool:
    conditions = _conditions(text)
    if conditions is None or not version:
        return False
    return all(_holds(_numbers(version), operator, wanted) for operator, wanted in conditions)


def _holds(has: tuple[int, ...], operator: str, wanted: tuple[int, ...]) -> bool:
    size = max(len(has), len(wanted))
    left = has + (0,) * (size - len(has))
    right = wanted + (0,) * (size - len(wanted))
    return {
        "==": left == right,
        "!=": left != right,
        ">=": left >= right,
        "<=": left <= right,
        ">": left > right,
        "<": left < right,
    }[operator]
