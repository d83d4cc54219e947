# SPDX-License-Identifier: Apache-2.0
"""Quota: limits, usage, and the arithmetic of refusing."""

import sys
from typing import Final

import msgspec

from nova_lite.domain import errors

# counted in the transaction that creates
COUNTED: Final = ("instances", "cores", "ram")
NAMES: Final = (
    *COUNTED,
    "metadata_items",
    "key_pairs",
    "server_groups",
    "server_group_members",
    "injected_files",
    "injected_file_content_bytes",
    "injected_file_path_bytes",
)
# of files that older microversions put into guests
INJECTED: Final = ("injected_files", "injected_file_content_bytes", "injected_file_path_bytes")
# of the network service that Nova once had: shown up to 2.35 and 2.49, with these limits where
# the cloud's network has none that we know
NETWORK: Final[dict[str, int]] = {
    "fixed_ips": -1,
    "floating_ips": 10,
    "security_groups": 10,
    "security_group_rules": 20,
}
UNLIMITED: Final = -1


class QuotaItem(msgspec.Struct, frozen=True, kw_only=True):
    limit: int
    in_use: int = 0
    reserved: int = 0


class QuotaSet(msgspec.Struct, frozen=True, kw_only=True):
    """Limits and usage of one project (or of one user in it)."""

    project_id: str
    items: dict[str, QuotaItem]


def over(requested: dict[str, int], used: dict[str, int], limits: dict[str, int]) -> list[str]:
    """Names that would be exceeded, in alphabetical order."""
    return sorted(
        name
        for name, delta in requested.items()
        if limits.get(name, UNLIMITED) != UNLIMITED and used.get(name, 0) + delta > limits[name]
    )


def refusal(
    names: list[str], requested: dict[str, int], used: dict[str, int], limits: dict[str, int]
) -> errors.OverQuota:
    """The error whose words clients know."""

    def words(table: dict[str, int]) -> str:
        return ", ".join(str(table.get(name, 0)) for name in names)

    return errors.OverQuota(
        names=", ".join(names),
        requested_text=words(requested),
        used_text=words(used),
        limit_text=words(limits),
    )


def room(one: dict[str, int], used: dict[str, int], limits: dict[str, int]) -> int:
    """How many more servers that each need `one` would fit."""
    rooms = [
        (limits[name] - used.get(name, 0)) // need
        for name, need in one.items()
        if need > 0 and limits.get(name, UNLIMITED) != UNLIMITED
    ]
    return max(min(rooms), 0) if rooms else sys.maxsize
