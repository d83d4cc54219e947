# SPDX-License-Identifier: Apache-2.0
"""Actions come in pages, and say when they changed."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, Drop, named, no_params, on

CHANGE = Change(
    number=58,
    title="Instance actions paging, changes-since, `updated_at`, links",
    strict_query=named("actions.list"),
    query={"actions.list": no_params("limit", "marker", "changes-since")},
    response=on(("action.summary", "action.detail"), Drop("updated_at")),
    behaviours=(Behaviour.ACTION_PAGES,),
)
