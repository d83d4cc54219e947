# SPDX-License-Identifier: Apache-2.0
"""What requests about limits look like, at the newest microversion."""

from nova_lite.api import shapes

SHOW = shapes.query(tenant_id=shapes.many(shapes.TEXT))
