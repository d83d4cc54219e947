# SPDX-License-Identifier: Apache-2.0
"""Texts that have to fit: shortened in the middle, because what happened is said at the beginning
and why, mostly, at the end."""

from typing import Final

LONGEST: Final = 255  # characters of a fault, and of whatever else is shown in one line
ECHO: Final = 200  # characters of one value of a request that a refusal repeats
REFUSAL: Final = 1000  # characters of a refusal as a whole, whatever it repeats
GAP: Final = " ... "


def brief(text: str, limit: int = LONGEST) -> str:
    """`text` if it has no more than `limit` characters, else as much of both its ends."""
    if len(text) <= limit:
        return text
    room = limit - len(GAP)
    head = room // 3
    return f"{text[:head].rstrip()}{GAP}{text[head - room :].lstrip()}"
