# SPDX-License-Identifier: Apache-2.0
"""The server's side of a contract: text in, text out, whatever happens in between."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec

from nova_lite.base import context as base_context
from nova_lite.domain import errors
from nova_lite.rpc import codec
from nova_lite.rpc.contract import (
    Endpoint,
    Handler,
    Method,
    check_server,
    compile_contract,
    parse_version,
)
from nova_lite.rpc.port import Bus, ServerHandle

LOG = logging.getLogger(__name__)


class Dispatcher:
    """Serves one contract with one endpoint. Callable from many threads at a time.

    It never raises: what cannot be understood is refused to the caller and logged, a domain
    error travels as data, anything else is logged with its traceback here and reaches the
    caller as the name of its class.
    """

    def __init__(self, contract: type, endpoint: Endpoint) -> None:
        self.contract = compile_contract(contract)
        self._handlers: dict[str, Handler] = check_server(contract, endpoint)

    def __call__(self, text: str | bytes) -> str:
        try:
            request = codec.decode_request(text)
        except errors.NovaLiteError as error:
            return self._refuse("a message", error)
        with base_context.use(request.context):
            if codec.expired(request):
                late = errors.RpcTooLate(service=self.contract.topic, reason="too late")
                return self._refuse(f"a message for {request.method!r}", late)
            try:
                method = self._method(request)
                values = self._values(method, request.args)
            except errors.NovaLiteError as error:
                return self._refuse(f"a message for {request.method!r}", error)
            return self._run(method, request.context, values)

    def _method(self, request: codec.Request) -> Method:
        wanted = self._version(request.version)
        has = self.contract.numbers
        if wanted[0] != has[0] or wanted[1] > has[1]:
            raise errors.UnsupportedVersion(
                contract=f"{self.contract.name}.{request.method}",
                wanted=request.version,
                has=self.contract.version,
            )
        method = self.contract.methods.get(request.method)
        if method is None:
            raise errors.BadMessage(
                reason=f"{self.contract.name} has no method {request.method[:100]!r}"
            )
        return method

    def _version(self, text: str) -> tuple[int, int]:
        try:
            return parse_version(text)
        except TypeError as error:
            raise errors.BadMessage(reason=str(error)) from error

    def _values(self, method: Method, args: msgspec.Raw) -> dict[str, Any]:
        try:
            decoded = method.args_decoder.decode(args)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise errors.BadMessage(reason=f"arguments of {method.name}: {error}") from error
        return {name: getattr(decoded, name) for name in method.parameters}

    def _run(
        self, method: Method, context: base_context.RequestContext, values: dict[str, Any]
    ) -> str:
        try:
            result = self._handlers[method.name](context, **values)
            if not method.answers:
                return codec.encode_result(None)
            encode: Callable[[Any], str] = (
                codec.encode_raw_result if method.raw else codec.encode_result
            )
            return encode(result)
        except errors.NovaLiteError as error:
            log = LOG.debug if method.answers else LOG.warning
            log("%s.%s: %s", self.contract.name, method.name, error.message)
            return codec.encode_error(error)
        except Exception as error:
            LOG.exception("%s.%s failed", self.contract.name, method.name)
            return codec.encode_error(
                errors.RemoteError(
                    type=type(error).__name__, topic=self.contract.topic, method=method.name
                )
            )

    def _refuse(self, what: str, error: errors.NovaLiteError) -> str:
        LOG.error("%s refused %s: %s", self.contract.name, what, error.message)
        return codec.encode_error(error)


class RpcServer:
    """A part of a daemon: one contract served at its topic under the name of this host.

    `start` waits for the broker; `stop` takes no more messages; `wait` lets what was taken
    end (see base/service.py)."""

    def __init__(
        self, bus: Bus, contract: type, endpoint: Endpoint, server: str, *, workers: int = 64
    ) -> None:
        """ContractError when the endpoint does not fit the contract."""
        self.dispatcher = Dispatcher(contract, endpoint)
        self._bus = bus
        self._server = server
        self._workers = workers
        self._handle: ServerHandle | None = None
        self._stopping = False

    def start(self) -> None:
        self._bus.connect(lambda: self._stopping)
        if not self._stopping:
            self._handle = self._bus.serve(
                self.dispatcher.contract.topic,
                self._server,
                self.dispatcher,
                workers=self._workers,
            )

    def stop(self) -> None:
        self._stopping = True
        if self._handle is not None:
            self._handle.stop()

    def wait(self, timeout: float | None = None) -> bool:
        return self._handle is None or self._handle.wait(timeout)
