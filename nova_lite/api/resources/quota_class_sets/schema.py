# SPDX-License-Identifier: Apache-2.0
"""What requests about the default quota look like, at the newest microversion."""

from nova_lite.api import shapes
from nova_lite.api.resources.quota_sets.schema import NAMES

UPDATE = shapes.body("quota_class_set", dict.fromkeys(NAMES, shapes.QUOTA))
