# SPDX-License-Identifier: Apache-2.0
"""The history as a page of the documentation: python -m nova_lite.api.versions"""

import sys
from collections.abc import Iterator

from nova_lite.api.versions import CHANGES
from nova_lite.api.versions.change import Change

_HEAD = """\
# Microversions

Made from `nova_lite/api/versions` by `python -m nova_lite.api.versions`; a test compares.

Ask for one with `OpenStack-API-Version: compute 2.N`, or `compute latest`; without the header it
is 2.1. All of them are offered. What stands in the last column is different before that version;
a dash means that what changed is not served here (see
[Not there yet](../contributor/not-there-yet.md)), or needed nothing.

| version | change | different here |
|---|---|---|
"""


def page() -> str:
    """The whole page, as Markdown."""
    return _HEAD + "".join(
        f"| 2.{change.number} | {change.title} | {', '.join(_parts(change)) or '-'} |\n"
        for change in CHANGES
    )


def _parts(change: Change) -> Iterator[str]:
    """Which of the tables of a change say something."""
    for word, found in (
        ("new calls", change.adds),
        ("calls end", change.ends),
        ("body", change.body),
        ("query", change.query or change.strict_query),
        ("answer", change.response),
        ("status", change.status),
        ("behaviour", change.behaviours),
    ):
        if found:
            yield word


if __name__ == "__main__":
    sys.stdout.write(page())
