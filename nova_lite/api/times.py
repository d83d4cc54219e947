# SPDX-License-Identifier: Apache-2.0
"""The two ways in which answers write a moment."""

from datetime import UTC, datetime


def plain(moment: datetime | None) -> str | None:
    """ "2026-01-31T12:00:00.000000": UTC with microseconds and no zone; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def zulu(moment: datetime | None) -> str | None:
    """ "2026-01-31T12:00:00Z": UTC, whole seconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
