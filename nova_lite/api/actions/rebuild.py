# SPDX-License-Identifier: Apache-2.0
"""POST /servers/{id}/action rebuild: what is asked for, and the server that is shown then."""

from dataclasses import dataclass
from typing import Any, Final

from nova_lite.api import shapes
from nova_lite.api.actions import policy
from nova_lite.api.request import Request
from nova_lite.api.resources.servers import schema as servers
from nova_lite.api.resources.servers.create import make_password
from nova_lite.api.resources.servers.view import with_groups
from nova_lite.api.resources.servers.view_schema import REBUILT_SCHEMA
from nova_lite.api.shapes import truth
from nova_lite.api.versions.servers import REBUILT
from nova_lite.api.view import Item, Make
from nova_lite.domain import lifecycle
from nova_lite.domain.instance import Instance
from nova_lite.domain.request import RebuildServer
from nova_lite.domain.states import Action

JsonSchema = dict[str, Any]

SCHEMA: Final[JsonSchema] = shapes.body(
    "rebuild",
    {
        "imageRef": shapes.UUID,
        "name": shapes.NAME,
        "description": shapes.DESCRIPTION,
        "hostname": servers.HOSTNAME,
        "adminPass": {"type": "string"},
        "metadata": shapes.METADATA,
        "preserve_ephemeral": shapes.BOOLEAN,
        "OS-DCF:diskConfig": servers.DISK_CONFIG,
        "accessIPv4": servers.ACCESS_IP_V4,
        "accessIPv6": servers.ACCESS_IP_V6,
        "key_name": {**shapes.NAME, "type": ["string", "null"]},
        "user_data": {"type": ["string", "null"], "format": "base64", "maxLength": 65535},
        "trusted_image_certificates": servers.TRUSTED_CERTS,
    },
    "imageRef",
)
# key of the body -> field of the request
PLAIN: Final = {
    "name": "display_name",
    "description": "description",
    "hostname": "hostname",
    "metadata": "metadata",
    "accessIPv4": "access_ip_v4",
    "accessIPv6": "access_ip_v6",
    "key_name": "key_name",
    "user_data": "user_data",
    "trusted_image_certificates": "trusted_certs",
    "personality": "personality",
}


@dataclass(frozen=True)
class Rebuilt:
    """The server as it is when it begins; the password where it is shown."""

    server: Instance
    admin_pass: str | None


def rebuild(
    request: Request, clients: Any, target: Instance, body: dict[str, dict[str, Any]]
) -> Rebuilt:
    given = body["rebuild"]
    if given.get("trusted_image_certificates"):
        owner = {"project_id": target.project_id, "user_id": target.user_id}
        request.authorize(policy.REBUILD_TRUSTED_CERTS, owner)
    lifecycle.check(Action.REBUILD, target.snapshot(), is_admin=request.context.is_admin)
    wanted = read(request, given)
    server: Instance = clients.conductor.rebuild_server(
        request.context, uuid=target.uuid, request=wanted
    )
    shown = request.conf.api.enable_instance_password
    return Rebuilt(server=server, admin_pass=wanted.admin_pass if shown else None)


def read(request: Request, given: dict[str, Any]) -> RebuildServer:
    """The request in the words of the domain."""
    values = {field: given[key] for key, field in PLAIN.items() if key in given}
    if "OS-DCF:diskConfig" in given:
        values["auto_disk_config"] = given["OS-DCF:diskConfig"] == "AUTO"
    return RebuildServer(
        image_ref=given["imageRef"],
        preserve_ephemeral=truth(given.get("preserve_ephemeral", False)),
        admin_pass=given.get("adminPass") or make_password(request.conf.password_length),
        **values,
    )


class RebuiltView(Item):
    """As a server that was updated, with its user data by a plain name."""

    def render(self, request: Request, value: Rebuilt) -> dict[str, Any]:
        shown: dict[str, Any] = super().render(request, value.server)
        if value.admin_pass is not None:
            shown["server"]["adminPass"] = value.admin_pass
        return shown

    def location(self, request: Request, value: Rebuilt) -> str | None:
        return request.links.location("servers", value.server.uuid)


def _build(request: Request) -> Make:
    make = with_groups(request)

    def rebuilt(server: Instance) -> dict[str, Any]:
        item = make(server)
        item.pop("OS-EXT-SRV-ATTR:user_data", None)
        item["user_data"] = server.user_data
        return item

    return rebuilt


VIEW: Final = RebuiltView(key="server", shape=REBUILT, build=_build, of=REBUILT_SCHEMA)
