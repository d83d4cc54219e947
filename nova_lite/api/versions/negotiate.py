# SPDX-License-Identifier: Apache-2.0
"""Which microversion a request asks for, from its headers."""

import re
from typing import Final

from nova_lite.api.versions.history import OLDEST

SERVICE: Final = "compute"
HEADER: Final = "OpenStack-API-Version"
OLD_HEADER: Final = "X-OpenStack-Nova-API-Version"
MAJOR: Final = 2
# Characters of a version that may be one; of a longer one the beginning is repeated, no more.
LONGEST: Final = 20

_FORMAT = re.compile(r"([1-9][0-9]*)\.([1-9][0-9]*|0)")


class BadVersion(ValueError):
    """A version that is not written as one. `str()` is the message for the caller."""


class OutOfRange(ValueError):
    """A version that is not offered. `wanted` is what was asked for."""

    def __init__(self, wanted: str, newest: int) -> None:
        self.wanted = wanted
        super().__init__(
            f"Version {wanted} is not supported by the API. "
            f"Minimum is {text(OLDEST)} and maximum is {text(newest)}."
        )


def text(version: int) -> str:
    """`2.N`"""
    return f"{MAJOR}.{version}"


def wanted(header: str | None, old_header: str | None) -> str | None:
    """The version as it was written; None when this service's was not asked for.

    The header is a comma list of `service version` pairs; the older one a bare version. The
    newer one wins when both are there.
    """
    if header:
        for entry in header.split(","):
            words = entry.split()
            if len(words) == 2 and words[0].lower() == SERVICE:
                return words[1]
            if len(words) == 1 and words[0].lower() == SERVICE:
                return ""
    if old_header is not None:
        return old_header.strip()
    return None


def choose(header: str | None, old_header: str | None, newest: int, default: int = OLDEST) -> int:
    """The N of 2.N to answer with; `default` where none is asked for. Raises BadVersion,
    OutOfRange."""
    asked = wanted(header, old_header)
    if asked is None:
        return default
    if asked.lower() == "latest":
        return newest
    found = _FORMAT.fullmatch(asked)
    if found is None:
        raise BadVersion(
            f"API Version String {asked} is of invalid format. Must be of format MajorNum.MinorNum."
        )
    if len(asked) > LONGEST:
        raise OutOfRange(asked[:LONGEST] + "...", newest)
    major, minor = int(found[1]), int(found[2])
    if major != MAJOR or not OLDEST <= minor <= newest:
        raise OutOfRange(asked, newest)
    return minor
