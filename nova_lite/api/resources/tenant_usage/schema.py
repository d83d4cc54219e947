# SPDX-License-Identifier: Apache-2.0
"""The queries, at the newest microversion. Times are read by the handlers: clients write them in
several ways."""

from typing import Final

from nova_lite.api import shapes

_TEXT: Final = shapes.many({"type": "string"})

SHOW: Final = shapes.query(
    start=_TEXT, end=_TEXT, limit=shapes.LIMIT, marker=shapes.many(shapes.TEXT)
)
LIST: Final = shapes.query(
    start=_TEXT, end=_TEXT, detailed=_TEXT, limit=shapes.LIMIT, marker=shapes.many(shapes.TEXT)
)
