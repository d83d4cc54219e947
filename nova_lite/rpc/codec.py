# SPDX-License-Identifier: Apache-2.0
"""Messages as text: requests, replies and errors, encoded once by msgspec.

A request is `{"method", "version", "context", "args"}`, a reply `{"ok": ...}` or
`{"error": {"code", "values", "message"}}`. Both are JSON text, whatever carries them.
"""

import time
from typing import Any, Generic, NewType, TypeVar

import msgspec

from nova_lite.base.context import RequestContext
from nova_lite.domain import errors

T = TypeVar("T")

# JSON text that is handed on without being decoded: a handler returns it ready.
RawJson = NewType("RawJson", bytes)


class WireError(msgspec.Struct, kw_only=True):
    """A domain error on its way."""

    code: str
    message: str
    values: dict[str, Any] = {}


class Request(msgspec.Struct, kw_only=True):
    """What a server reads first; `args` stay text until the method is known."""

    method: str
    version: str
    context: RequestContext
    args: msgspec.Raw = msgspec.Raw(b"{}")
    # Seconds since the epoch after which nobody waits for the answer.
    expires: float | None = None


class _RequestOut(msgspec.Struct, kw_only=True, omit_defaults=True):
    method: str
    version: str
    context: RequestContext
    args: Any
    expires: float | None = None


class Reply(msgspec.Struct, Generic[T], kw_only=True):
    """Exactly one of the two is set."""

    ok: T | msgspec.UnsetType = msgspec.UNSET
    error: WireError | msgspec.UnsetType = msgspec.UNSET


# How far the clocks of two hosts may differ before an expired message is taken for a live one
# (and the other way round), in seconds.
CLOCK_SLACK = 5.0

_encoder = msgspec.json.Encoder()
_tolerant = msgspec.json.Encoder(enc_hook=repr)
_request_decoder = msgspec.json.Decoder(Request)
_NOTHING = '{"ok":null}'


def encode_request(
    method: str,
    version: str,
    context: RequestContext,
    args: Any,
    expires: float | None = None,
) -> str:
    """`args` is a struct or a dict of values that msgspec can write."""
    return _encoder.encode(
        _RequestOut(method=method, version=version, context=context, args=args, expires=expires)
    ).decode()


def decode_request(text: str | bytes) -> Request:
    """BadMessage when this is not a request."""
    try:
        return _request_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, TypeError) as error:
        raise errors.BadMessage(reason=f"not a request: {error}") from error


def expired(request: Request) -> bool:
    """True when the caller has given up: the message lay in the queue of a dead server."""
    return request.expires is not None and time.time() > request.expires + CLOCK_SLACK


def encode_result(result: Any) -> str:
    """The reply that carries a handler's result."""
    if result is None:
        return _NOTHING
    return _encoder.encode({"ok": result}).decode()


def encode_raw_result(result: RawJson | bytes | str) -> str:
    """The reply that carries ready JSON text, unread."""
    text = result if isinstance(result, str) else bytes(result).decode()
    return f'{{"ok":{text}}}'


def encode_error(error: errors.NovaLiteError) -> str:
    """The reply that carries a domain error. Values that are no JSON go as their repr."""
    wire = WireError(code=error.code, values=error.values, message=error.message)
    return _tolerant.encode({"error": wire}).decode()


def reply_decoder(returns: Any) -> "msgspec.json.Decoder[Any]":
    """A decoder of replies whose result has the type `returns`."""
    generic: Any = Reply  # the parameter is known only at run time
    return msgspec.json.Decoder(generic[msgspec.Raw if returns is RawJson else returns])


def open_reply(decoder: "msgspec.json.Decoder[Any]", text: str | bytes, *, raw: bool) -> Any:
    """The result, or the error raised as its domain class; BadMessage when it is neither."""
    try:
        reply = decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, TypeError) as error:
        raise errors.BadMessage(reason=f"not a reply: {error}") from error
    if reply.error is not msgspec.UNSET:
        wire = reply.error
        raise errors.from_code(wire.code, wire.values, wire.message)
    if reply.ok is msgspec.UNSET:
        raise errors.BadMessage(reason="a reply with neither result nor error")
    return RawJson(bytes(reply.ok)) if raw else reply.ok
