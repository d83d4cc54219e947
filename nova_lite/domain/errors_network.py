# SPDX-License-Identifier: Apache-2.0
"""What the built-in network refuses to those who manage it.

`values["type"]` is the name of the error in the Networking API. What a server is refused when it
asks for networks is in `errors`: those are errors of its own request.
"""

from typing import Any, Final

from nova_lite.domain import errors
from nova_lite.domain.brief import ECHO, brief

_NOT_FOUND: Final = {
    "network": "NetworkNotFound",
    "subnet": "SubnetNotFound",
    "port": "PortNotFound",
    "floating_ip": "FloatingIPNotFound",
    "security_group": "SecurityGroupNotFound",
    "security_group_rule": "SecurityGroupRuleNotFound",
}


class NetworkResourceNotFound(errors.NotFound):
    """values: kind, id, type."""

    code = "network_resource_not_found"

    def __init__(self, kind: str, resource_id: str) -> None:
        words = kind.replace("_", " ").replace(" ip", " IP").capitalize()
        super().__init__(
            f"{words} {brief(resource_id, ECHO)} could not be found.",
            kind=kind,
            id=resource_id,
            type=_NOT_FOUND[kind],
        )


class NetworkMarkerNotFound(errors.Invalid):
    code = "network_marker_not_found"
    format = "Invalid marker: {marker} could not be found."

    def __init__(self, marker: str) -> None:
        super().__init__(marker=marker, type="InvalidInput")


class NetworkConflict(errors.Conflict):
    """values: type, and what the kind of conflict has."""

    code = "network_conflict"

    def __init__(self, kind: str, message: str, **values: Any) -> None:
        super().__init__(message, type=kind, **values)


class NetworkInvalid(errors.Invalid):
    """values: type."""

    code = "network_invalid"

    def __init__(self, message: str, kind: str = "InvalidInput") -> None:
        super().__init__(message, type=kind)


class NetworkForbidden(errors.Forbidden):
    """Visible, but somebody else's."""

    code = "network_forbidden"

    def __init__(self, kind: str, resource_id: str) -> None:
        super().__init__(
            f"{kind.replace('_', ' ').capitalize()} {resource_id} belongs to another project.",
            type="PolicyNotAuthorized",
        )
