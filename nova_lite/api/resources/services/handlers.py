# SPDX-License-Identifier: Apache-2.0
"""What the calls about services do."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nova_lite.api.request import Request
from nova_lite.api.shapes import truth
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.domain import errors
from nova_lite.domain.host import Service

COMPUTE = "nova-compute"


class Updated(NamedTuple):
    """A changed service, and the verb that older microversions used for it."""

    service: Service
    verb: str | None = None


def index(request: Request, clients: Any, target: None, body: None) -> list[Service]:
    """GET /os-services"""
    found: list[Service] = clients.conductor.list_services(
        request.context, host=request.param("host"), binary=request.param("binary")
    )
    return found


def update(request: Request, clients: Any, target: None, body: Any) -> Updated:
    """PUT /os-services/{id}: a uuid, or a verb before 2.53"""
    if not request.has(Behaviour.SERVICES_BY_UUID):
        return _by_verb(request, clients, request.params["id"], body)
    service = _compute_service(request, clients, request.params["id"])
    changes = _changes(body)
    done = clients.conductor.update_service(request.context, uuid=service.uuid, **changes)
    return Updated(done)


def _changes(body: Mapping[str, Any]) -> dict[str, Any]:
    status, reason = body.get("status"), body.get("disabled_reason")
    if not body:
        raise errors.Invalid(
            "No updates were requested. Fields 'status' or 'forced_down' should be specified."
        )
    if reason is not None and status != "disabled":
        raise errors.Invalid("Specifying disabled_reason when status is 'enabled' is invalid.")
    changes: dict[str, Any] = {}
    if status is not None:
        changes |= {"disabled": status == "disabled", "disabled_reason": reason}
    if "forced_down" in body:
        changes["forced_down"] = truth(body["forced_down"])
    return changes


def _compute_service(request: Request, clients: Any, uuid: str) -> Service:
    for service in clients.conductor.list_services(request.context):
        if service.uuid == uuid:
            if service.binary != COMPUTE:
                raise errors.Invalid(
                    f"Updating a {service.binary} service is not supported. "
                    f"Only {COMPUTE} services can be updated."
                )
            return service
    raise errors.ServiceNotFound(service_id=uuid)


def _by_verb(request: Request, clients: Any, verb: str, body: Mapping[str, Any]) -> Updated:
    changes = _VERBS.get(verb)
    if changes is None or (
        verb == "force-down" and not request.has(Behaviour.SERVICES_FORCED_DOWN)
    ):
        raise errors.NotFound("Unknown action")
    wanted = changes(body)
    found = clients.conductor.list_services(
        request.context, host=body["host"], binary=body["binary"]
    )
    if not found:
        raise errors.ServiceNotFound(
            f"Could not find binary {body['binary']} on host {body['host']}."
        )
    done = clients.conductor.update_service(request.context, uuid=found[0].uuid, **wanted)
    return Updated(done, verb)


def _disable_with_reason(body: Mapping[str, Any]) -> dict[str, Any]:
    if "disabled_reason" not in body:
        raise errors.Invalid("Missing disabled reason field")
    return {"disabled": True, "disabled_reason": body["disabled_reason"]}


def _force_down(body: Mapping[str, Any]) -> dict[str, Any]:
    if "forced_down" not in body:
        raise errors.Invalid("Missing forced_down field")
    return {"forced_down": truth(body["forced_down"])}


_VERBS = {
    "enable": lambda body: {"disabled": False},
    "disable": lambda body: {"disabled": True},
    "disable-log-reason": _disable_with_reason,
    "force-down": _force_down,
}


def delete(request: Request, clients: Any, target: None, body: None) -> None:
    """DELETE /os-services/{id}: a uuid, or a number before 2.53"""
    wanted = request.params["id"]
    by_uuid = request.has(Behaviour.SERVICES_BY_UUID)
    if not by_uuid and not wanted.isdecimal():
        raise errors.Invalid(f"Invalid service id {wanted}")
    for service in clients.conductor.list_services(request.context):
        if wanted == (service.uuid if by_uuid else str(service.id)):
            clients.conductor.delete_service(request.context, uuid=service.uuid)
            return
    raise errors.ServiceNotFound(service_id=wanted)
