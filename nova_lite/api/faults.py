# SPDX-License-Identifier: Apache-2.0
"""THE table: what a domain error means in HTTP, by class, looked up along its MRO.

A subclass inherits its family's row; a more special row wins. Nothing else in the API knows
status codes of errors, but a route may say that one of these means another status for it
(`Route.errors`: a missing flavor is 400 when a server is created).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec

from nova_lite.domain import errors
from nova_lite.domain.brief import REFUSAL, brief


class Row(NamedTuple):
    status: int
    key: str


# The single top-level key of a fault's body, by status.
KEYS: Final[dict[int, str]] = {
    400: "badRequest",
    401: "unauthorized",
    403: "forbidden",
    404: "itemNotFound",
    405: "badMethod",
    409: "conflictingRequest",
    413: "overLimit",
    415: "badMediaType",
    429: "overLimit",
    501: "notImplemented",
    503: "serviceUnavailable",
}
OTHER_KEY: Final = "computeFault"


def row(status: int) -> Row:
    return Row(status, KEYS.get(status, OTHER_KEY))


TABLE: Final[dict[type[Exception], Row]] = {
    errors.Invalid: row(400),
    errors.Forbidden: row(403),
    errors.NotFound: row(404),
    errors.Conflict: row(409),
    errors.Gone: row(410),
    errors.Unsupported: row(501),
    errors.Unavailable: row(503),
    # Synchronous checks that find no host say so at once.
    errors.NoValidHost: row(400),
    # What our own daemons do wrong with each other is nobody's fault outside.
    errors.NovaLiteError: row(500),
}


class HttpFault(Exception):
    """What is wrong with the request as HTTP: raised by dispatch, never by handlers."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def find(error: Exception, special: Mapping[type[Exception], int] | None = None) -> Row | None:
    """The row of an error; None for one that is not of the domain."""
    for cls in type(error).__mro__:
        if special and cls in special:
            return row(special[cls])
        found = TABLE.get(cls)
        if found is not None:
            return found
    return None


class Fault(NamedTuple):
    """An answer that says what went wrong."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def of(
    error: Exception, request_id: str, special: Mapping[type[Exception], int] | None = None
) -> Fault:
    """The answer for any exception. Only those of the domain show their message."""
    if isinstance(error, HttpFault):
        return fault(error.status, error.message, error.headers)
    found = find(error, special)
    if found is None or found.status == 500:
        return unexpected(error, request_id)
    assert isinstance(error, errors.NovaLiteError)
    return Fault(found.status, _body(found, error.message, {}), {})


def fault(status: int, message: str, headers: Mapping[str, str] | None = None) -> Fault:
    """An answer by status."""
    headers = headers or {}
    return Fault(status, _body(row(status), message, headers), headers)


def unexpected(error: BaseException, request_id: str) -> Fault:
    """500: the caller gets the class of the exception and the id to ask the operator about."""
    message = (
        "Unexpected API Error. The log of the API tells more under the request id "
        f"{request_id}.\n{type(error)}"
    )
    return fault(500, message)


def _body(found: Row, message: str, headers: Mapping[str, str]) -> bytes:
    inner: dict[str, Any] = {"code": found.status, "message": brief(message, REFUSAL)}
    if found.key == "overLimit" and "Retry-After" in headers:
        inner["retryAfter"] = headers["Retry-After"]
    return msgspec.json.encode({found.key: inner})
