# SPDX-License-Identifier: Apache-2.0
"""What requests about hypervisors look like, at the newest microversion."""

from nova_lite.api import shapes

_FLAG = shapes.one(shapes.BOOLEAN)
LIST = shapes.query(
    limit=shapes.LIMIT,
    marker=shapes.MARKER,
    hypervisor_hostname_pattern=shapes.one({"type": "string", "minLength": 1, "maxLength": 255}),
    with_servers=_FLAG,
)
SHOW = shapes.query(with_servers=_FLAG)
