# SPDX-License-Identifier: Apache-2.0
"""What requests about flavors look like, at the newest microversion."""

from nova_lite.api import shapes

LIST = shapes.query(
    limit=shapes.LIMIT,
    marker=shapes.MARKER,
    is_public=shapes.many(shapes.TEXT),
    minRam=shapes.many(shapes.TEXT),
    minDisk=shapes.many(shapes.TEXT),
    name=shapes.many(shapes.TEXT),
    sort_key=shapes.many(shapes.TEXT),
    sort_dir=shapes.many(shapes.TEXT),
)
