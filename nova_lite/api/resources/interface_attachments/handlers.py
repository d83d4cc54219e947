# SPDX-License-Identifier: Apache-2.0
"""What the calls about interfaces of servers do."""

from typing import Any

from nova_lite.api.request import Request
from nova_lite.api.resources.servers.target import begin
from nova_lite.domain import errors, lifecycle
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action


def index(request: Request, clients: Any, target: Instance, body: None) -> list[Vif]:
    """GET /servers/{server_id}/os-interface"""
    return target.vifs


def show(request: Request, clients: Any, target: Instance, body: None) -> Vif:
    """GET /servers/{server_id}/os-interface/{id}"""
    return _find(target, request.params["id"])


def create(request: Request, clients: Any, target: Instance, body: Any) -> Vif:
    """POST /servers/{server_id}/os-interface: answers when the guest has it."""
    given = body["interfaceAttachment"]
    fixed = given.get("fixed_ips")
    wish = NetworkWish(
        uuid=given.get("net_id"),
        port=given.get("port_id"),
        fixed_ip=fixed[0]["ip_address"] if fixed else None,
        tag=given.get("tag"),
    )
    if wish.uuid and wish.port:
        raise errors.Invalid("Must not input both network_id and port_id")
    if wish.fixed_ip and not wish.uuid:
        raise errors.Invalid("Must input network_id when request IP address")
    is_admin = request.context.is_admin
    lifecycle.check(Action.ATTACH_INTERFACE, target.snapshot(), is_admin=is_admin)
    made: Vif = clients.conductor.attach_interface(request.context, uuid=target.uuid, wish=wish)
    return made


def delete(request: Request, clients: Any, target: Instance, body: None) -> None:
    """DELETE /servers/{server_id}/os-interface/{id}: begun when it answers."""
    vif = _find(target, request.params["id"])
    begin(request, clients, target, Action.DETACH_INTERFACE, {"port_id": vif.port_id})


def _find(server: Instance, port_id: str) -> Vif:
    for vif in server.vifs:
        if vif.port_id == port_id:
            return vif
    raise errors.InterfaceNotFound(port_id=port_id, instance_id=server.uuid)
