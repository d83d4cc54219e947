# SPDX-License-Identifier: Apache-2.0
"""Clients made from contracts: `clients.conductor.get_instance(context, uuid=...)`."""

import inspect
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.rpc import codec
from nova_lite.rpc.contract import Contract, Method, Version, compile_contract
from nova_lite.rpc.port import Bus


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. `monitor`: how long a server at a long call may be silent."""

    call: float = 60
    long: float = 1800
    monitor: float = 10


class Client:
    """What the clients of all contracts share; each contract's class adds its methods."""

    contract: Contract

    def __init__(
        self,
        bus: Bus,
        *,
        server: str | None = None,
        timeouts: Timeouts | None = None,
        speak: Version | None = None,
    ) -> None:
        """`server`: the one to talk to, else any of the topic. `speak`: the version that the
        peers are pinned to, else the contract's own."""
        self._bus = bus
        self._server = server
        self._timeouts = timeouts or Timeouts()
        self._speak = min(speak, self.contract.numbers) if speak else self.contract.numbers
        self._timeout: float | None = None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Callable[..., Any]:
            """The methods of the contract: made at run time, see `client_class`."""

    def options(self, *, timeout: float) -> "Client":
        """The same client with another time limit (seconds) for its calls."""
        other = type(self)(
            self._bus, server=self._server, timeouts=self._timeouts, speak=self._speak
        )
        other._timeout = timeout
        return other

    def within(self, seconds: float) -> "Client":
        """The same client; its short calls wait so long at most."""
        return self.options(timeout=min(seconds, self._timeouts.call))

    def _invoke(self, method: Method, context: RequestContext, values: dict[str, Any]) -> Any:
        args = self._arguments(method, values)
        topic = self.contract.topic
        version = "{}.{}".format(*self._version_of(method, args))
        if not method.answers:
            text = codec.encode_request(method.name, version, context, args)
            if method.kind == "fanout":
                return self._bus.fanout(topic, method.name, text)
            return self._bus.cast(topic, self._server, method.name, text)
        long = method.kind == "long"
        timeout = self._timeout or (self._timeouts.long if long else self._timeouts.call)
        monitor = self._timeouts.monitor if long else None
        expires = time.time() + min(timeout, monitor or timeout)
        text = codec.encode_request(method.name, version, context, args, expires)
        reply = self._bus.call(
            topic, self._server, method.name, text, timeout=timeout, monitor=monitor
        )
        return codec.open_reply(method.reply_decoder, reply, raw=method.raw)

    def _arguments(self, method: Method, values: dict[str, Any]) -> Any:
        """The arguments as the peer knows them."""
        args = method.args(**values)
        if self._speak == self.contract.numbers:
            return args
        if method.since > self._speak:
            raise self._too_old(method.name)
        later = [name for name, since in method.added.items() if since > self._speak]
        if not later:
            return args
        plain = {name: getattr(args, name) for name in method.parameters if name not in later}
        defaults = method.args(**plain)
        for name in later:
            if getattr(args, name) != getattr(defaults, name):
                raise self._too_old(f"{method.name}({name})")
        return plain

    def _version_of(self, method: Method, args: Any) -> Version:
        """The least version a server must have, so that an older one that can do it does."""
        if isinstance(args, dict):
            return min(self._speak, max(method.since, *_known(method, args)))
        return max(method.since, *_changed(method, args))

    def _too_old(self, what: str) -> errors.UnsupportedVersion:
        return errors.UnsupportedVersion(
            contract=f"{self.contract.name}.{what}",
            wanted=self.contract.version,
            has="{}.{}".format(*self._speak),
        )


def _known(method: Method, args: dict[str, Any]) -> list[Version]:
    return [(0, 0), *(since for name, since in method.added.items() if name in args)]


def _changed(method: Method, args: Any) -> list[Version]:
    """Versions of the later parameters that carry more than their default."""
    found = [(0, 0)]
    if method.added:
        defaults = {p.name: p.default for p in method.signature.parameters.values()}
        for name, since in method.added.items():
            if getattr(args, name) != defaults[name]:
                found.append(since)
    return found


@cache
def client_class(contract: type) -> type[Client]:
    """The client class of a contract; made once."""
    compiled = compile_contract(contract)
    body: dict[str, Any] = {"contract": compiled, "__doc__": contract.__doc__}
    for name, method in compiled.methods.items():
        body[name] = _stub(method)
    return type(f"{compiled.name}Client", (Client,), body)


def _stub(method: Method) -> Callable[..., Any]:
    def stub(self: Client, context: RequestContext, **values: Any) -> Any:
        return self._invoke(method, context, values)

    leading = [
        inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter(
            "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=RequestContext
        ),
    ]
    own = list(method.signature.parameters.values())
    stub.__signature__ = method.signature.replace(parameters=leading + own)  # type: ignore[attr-defined]
    stub.__name__ = method.name
    return stub
