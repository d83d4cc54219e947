# SPDX-License-Identifier: Apache-2.0
"""Why no host was valid, in one line for users: counts and amounts, never names of hosts."""

from collections.abc import Iterable

from nova_lite.domain import errors
from nova_lite.domain.request import Reason, Selected

NO_HOSTS = "There are not enough hosts available."


def summary(selected: Selected) -> str:
    """Like `3 hosts: 2 Ram (wanted 4096 MiB, best has 512 MiB), 1 Compute (service down)`."""
    if not selected.considered or not selected.counts:
        return NO_HOSTS
    by_check: dict[str, list[Reason]] = {}
    for verdict in selected.verdicts:
        by_check.setdefault(verdict.reason.check, []).append(verdict.reason)
    parts = [
        f"{number} {check}{_in_brackets(by_check.get(check, []))}"
        for check, number in sorted(selected.counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    hosts = "1 host" if selected.considered == 1 else f"{selected.considered} hosts"
    return f"{hosts}: {', '.join(parts)}"


def _in_brackets(reasons: list[Reason]) -> str:
    best = nearest(reasons)
    if best is None:
        return ""
    if best.wanted is not None and best.has is not None:
        return f" (wanted {best.wanted}, best has {best.has})"
    return f" ({best.text})" if best.text else ""


def nearest(reasons: Iterable[Reason]) -> Reason | None:
    """The refusal by the least: with the largest `has`, where that is a number."""
    found = list(reasons)
    return max(found, key=_amount) if found else None


def _amount(reason: Reason) -> float:
    try:
        return float((reason.has or "").split(" ")[0])
    except ValueError:
        return float("-inf")


def nearest_by_check(selected: Selected) -> list[Reason]:
    """For each check its refusal by the least, in the order in which checks were met."""
    by_check: dict[str, list[Reason]] = {}
    for verdict in selected.verdicts:
        by_check.setdefault(verdict.reason.check, []).append(verdict.reason)
    return [best for reasons in by_check.values() if (best := nearest(reasons)) is not None]


def no_valid_host(selected: Selected) -> errors.NoValidHost:
    """The error for users, with the verdicts for operators among its values."""
    return errors.NoValidHost(
        reason=summary(selected),
        counts=selected.counts,
        considered=selected.considered,
        checks=[_plain(reason) for reason in nearest_by_check(selected)],
        verdicts=[
            {"host": v.host, "node": v.node, "reason": _plain(v.reason)} for v in selected.verdicts
        ],
    )


def _plain(reason: Reason) -> dict[str, str | None]:
    return {
        "check": reason.check,
        "text": reason.text,
        "wanted": reason.wanted,
        "has": reason.has,
    }
