# SPDX-License-Identifier: Apache-2.0
"""Pages of usage."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, no_params

CHANGE = Change(
    number=40,
    title="Simple tenant usage paging",
    query=dict.fromkeys(("tenant_usage.list", "tenant_usage.show"), no_params("limit", "marker")),
    behaviours=(Behaviour.USAGE_PAGES,),
)
