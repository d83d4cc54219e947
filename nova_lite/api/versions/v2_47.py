# SPDX-License-Identifier: Apache-2.0
"""A server holds the flavor it was built with, no longer a link to one that may have changed."""

from typing import Any

from nova_lite.api.versions.change import Change, on
from nova_lite.api.versions.servers import WHOLE


def _flavor_as_link(item: dict[str, Any], server: Any, request: Any) -> None:
    flavorid = server.flavor.flavorid
    item["flavor"] = {
        "id": flavorid,
        "links": request.links.bookmark("flavors", flavorid),
    }


CHANGE = Change(
    number=47,
    title="Server `flavor` is an embedded object, not id and link; extra_specs by policy",
    response=on(WHOLE, _flavor_as_link),
)
