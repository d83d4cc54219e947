# SPDX-License-Identifier: Apache-2.0
"""What refusals repeat of the request: enough to find the place, however much was sent."""

from typing import Final

MOST: Final = 200  # characters of a text that is shown whole
_HEAD: Final = 120
_TAIL: Final = 40


def shown(text: str, most: int = MOST) -> str:
    """The text; of one with more characters its ends, and how long it is."""
    if len(text) <= most:
        return text
    return f"{text[:_HEAD]}... ({len(text)} characters) ...{text[-_TAIL:]}"
