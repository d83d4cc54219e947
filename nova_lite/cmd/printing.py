# SPDX-License-Identifier: Apache-2.0
"""Arguments as rows, and tables for people, of the commands that operators run on a machine."""

from collections.abc import Sequence
from typing import Any

Argument = tuple[Sequence[str], dict[str, Any]]


def option(*names: str, **how: Any) -> Argument:
    """An argument with a value, as argparse takes it."""
    return names, how


def flag(*names: str, **how: Any) -> Argument:
    return names, {"action": "store_true", **how}


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns between lines."""
    cells = [[str(value) for value in row] for row in rows]
    widths = [max(len(row[at]) for row in [list(header), *cells]) for at in range(len(header))]
    line = "+" + "+".join("-" * (width + 2) for width in widths) + "+"

    def shown(row: Sequence[str]) -> str:
        padded = (value.ljust(width) for value, width in zip(row, widths, strict=True))
        return "| " + " | ".join(padded) + " |"

    return "\n".join([line, shown(header), line, *(shown(row) for row in cells), line])
