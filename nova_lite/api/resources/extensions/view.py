# SPDX-License-Identifier: Apache-2.0
"""Extensions as they were always shown: all but name and alias is the same for each."""

from typing import Any, Final

from nova_lite.api.request import Request
from nova_lite.api.resources.extensions.handlers import Extension
from nova_lite.api.view import Collection, Item, Make, closed

_TEXT: Final = {"type": "string"}
SCHEMA: Final = closed(
    {
        **dict.fromkeys(("alias", "name", "description", "namespace", "updated"), _TEXT),
        "links": {"type": "array"},
    }
)
SAME: Final = {
    "namespace": "http://docs.openstack.org/compute/ext/fake_xml",
    "updated": "2014-12-03T00:00:00Z",
}


def _build(request: Request) -> Make:
    def make(extension: Extension) -> dict[str, Any]:
        return {
            "alias": extension.alias,
            "name": extension.name,
            "description": "",
            "links": [],
            **SAME,
        }

    return make


EXTENSIONS = Collection(key="extensions", shape="extension", build=_build, of=SCHEMA)
EXTENSION = Item(key="extension", shape="extension", build=_build, of=SCHEMA)
