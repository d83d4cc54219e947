# SPDX-License-Identifier: Apache-2.0
"""Who creates a server says which networks it gets. The tag of networks is lost until 2.42."""

from nova_lite.api.versions.change import Change, JsonSchema, optional, steps
from nova_lite.api.versions.servers import DEVICE_TAG


def _networks_as_list(schema: JsonSchema) -> None:
    """Only a list, the ids in it as they come, and tags."""
    properties = schema["properties"]["server"]["properties"]
    networks = next(each for each in properties["networks"]["oneOf"] if "items" in each)
    inner = networks["items"]["properties"]
    inner["uuid"] = {"type": "string"}
    inner["tag"] = DEVICE_TAG
    properties["networks"] = networks


CHANGE = Change(
    number=37,
    title=(
        "`networks` required at create: list, `auto` or `none`; network uuid validated; NIC tag "
        "lost until 2.42"
    ),
    body={"servers.create": steps(optional("server", "networks"), _networks_as_list)},
)
