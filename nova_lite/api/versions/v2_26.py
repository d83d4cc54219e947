# SPDX-License-Identifier: Apache-2.0
"""Servers have tags, and can be found by them."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, Drop, named, no_params, on
from nova_lite.api.versions.servers import LISTS, WHOLE

CHANGE = Change(
    number=26,
    adds=named(
        "server_tags.list",
        "server_tags.update_all",
        "server_tags.delete_all",
        "server_tags.show",
        "server_tags.update",
        "server_tags.delete",
    ),
    title="Server tags; filters tags, tags-any, not-tags, not-tags-any",
    query=dict.fromkeys(LISTS, no_params("tags", "tags-any", "not-tags", "not-tags-any")),
    response=on(WHOLE, Drop("tags")),
    behaviours=(Behaviour.TAG_FILTERS_FOR_ALL,),
)
