# SPDX-License-Identifier: Apache-2.0
"""Errors as the Networking API tells them: the statuses of `nova_lite.api.faults`, the envelope
and the names of Neutron."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from nova_lite.api import faults
from nova_lite.api.faults import HttpFault
from nova_lite.domain import errors
from nova_lite.domain.brief import REFUSAL, brief

# Where an error has no name of its own.
_NAMES: Final = {
    400: "HTTPBadRequest",
    401: "HTTPUnauthorized",
    403: "PolicyNotAuthorized",
    404: "HTTPNotFound",
    405: "HTTPMethodNotAllowed",
    409: "Conflict",
    413: "HTTPRequestEntityTooLarge",
    415: "HTTPUnsupportedMediaType",
    501: "HTTPNotImplemented",
    503: "ServiceUnavailable",
}
# Quota is a conflict here.
_STATUSES: Final[dict[type[Exception], int]] = {errors.OverQuota: 409}


class Fault(NamedTuple):
    status: int
    body: bytes
    headers: Mapping[str, str]


def of(error: Exception, request_id: str) -> Fault:
    """The answer for any exception. Only those of the domain show their message."""
    if isinstance(error, HttpFault):
        return Fault(error.status, _body(_NAMES.get(error.status), error.message), error.headers)
    found = faults.find(error, _STATUSES)
    if found is None or found.status == 500:
        message = (
            "Request Failed: internal server error while processing your request. The log of "
            f"the API tells more under the request id {request_id}."
        )
        return Fault(500, _body("HTTPInternalServerError", message), {})
    assert isinstance(error, errors.NovaLiteError)
    kind = "OverQuota" if isinstance(error, errors.OverQuota) else _NAMES.get(found.status)
    return Fault(found.status, _body(error.values.get("type") or kind, error.message), {})


def _body(kind: Any, message: str) -> bytes:
    told = {"type": kind or "HTTPError", "message": brief(message, REFUSAL), "detail": ""}
    return msgspec.json.encode({"NeutronError": told})
