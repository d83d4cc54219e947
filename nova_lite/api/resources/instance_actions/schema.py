# SPDX-License-Identifier: Apache-2.0
"""The query of a list of actions, at the newest microversion."""

from typing import Final

from nova_lite.api import shapes

_TIME = shapes.one({"type": "string", "format": "date-time"})

LIST: Final = shapes.query(
    limit=shapes.one(shapes.COUNT),
    marker=shapes.one(shapes.TEXT),
    changes__since=_TIME,
    changes__before=_TIME,
)
