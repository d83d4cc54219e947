# SPDX-License-Identifier: Apache-2.0
"""Contracts: classes of signatures, and what is made from them.

    class Compute:
        TOPIC = "compute"
        VERSION = "1.1"

        @method(since="1.0", kind="long")
        def power_on(self, *, instance: Instance) -> PowerResult: ...

        @method(since="1.0", kind="call", added={"tail": "1.1"})
        def console_output(self, *, uuid: str, tail: int | None = None) -> str: ...

Kinds: `call` waits for the answer at most `rpc_response_timeout`; `long` waits at most
`long_rpc_timeout`, and notices a dead server within a few seconds by its heartbeats; `cast`
and `fanout` wait for nothing. Parameters are keyword-only and have types that msgspec reads.

A server adds the context as first parameter: `def power_on(self, context, *, instance)`.
Adding a call: one signature here, one function there.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar

import msgspec

from nova_lite.rpc.codec import RawJson, reply_decoder

__all__ = ["Contract", "Kind", "Method", "RawJson", "check_server", "compile_contract", "method"]

F = TypeVar("F", bound=Callable[..., Any])
Kind = Literal["call", "cast", "long", "fanout"]
KINDS: tuple[Kind, ...] = typing.get_args(Kind)
Version = tuple[int, int]

_MARK = "__rpc_method__"


class ContractError(TypeError):
    """A contract or a server is not written as it has to be. Raised at start-up."""


def parse_version(text: str) -> Version:
    """`"1.12"` -> `(1, 12)`."""
    major, dot, minor = text.partition(".")
    if not dot or not major.isdigit() or not minor.isdigit():
        raise ContractError(f"{text!r} is no version like 1.0")
    return int(major), int(minor)


@dataclass(frozen=True)
class _Mark:
    since: str
    kind: Kind
    added: Mapping[str, str]


def method(
    *, since: str, kind: Kind = "call", added: Mapping[str, str] | None = None
) -> Callable[[F], F]:
    """Declare a contract method. `added`: parameter -> version, for later parameters."""

    def mark(function: F) -> F:
        setattr(function, _MARK, _Mark(since, kind, dict(added or {})))
        return function

    return mark


@dataclass(frozen=True)
class Method:
    """One compiled signature. `args` is a struct type made from the parameters."""

    name: str
    kind: Kind
    since: Version
    added: Mapping[str, Version]
    parameters: Mapping[str, Any]
    returns: Any
    args: type[msgspec.Struct]
    args_decoder: "msgspec.json.Decoder[Any]"
    reply_decoder: "msgspec.json.Decoder[Any]"
    signature: inspect.Signature

    @property
    def raw(self) -> bool:
        """True when the result is JSON text that nobody decodes on the way."""
        return self.returns is RawJson

    @property
    def answers(self) -> bool:
        return self.kind in ("call", "long")


@dataclass(frozen=True)
class Contract:
    """A compiled contract class."""

    name: str
    topic: str
    version: str
    methods: Mapping[str, Method]
    numbers: Version = field(default=(0, 0))


@cache
def compile_contract(cls: type) -> Contract:
    """Read a contract class once; ContractError tells what is wrong with it."""
    topic, version = getattr(cls, "TOPIC", None), getattr(cls, "VERSION", None)
    if not isinstance(topic, str) or not isinstance(version, str):
        raise ContractError(f"{cls.__name__} needs TOPIC and VERSION")
    numbers = parse_version(version)
    methods = {}
    for name, function in vars(cls).items():
        mark = getattr(function, _MARK, None)
        if mark is not None:
            methods[name] = _compile_method(cls, name, function, mark, numbers)
        elif callable(function) and not name.startswith("_"):
            raise ContractError(f"{cls.__name__}.{name} lacks @method")
    return Contract(cls.__name__, topic, version, methods, numbers)


def _compile_method(
    cls: type, name: str, function: Callable[..., Any], mark: _Mark, has: Version
) -> Method:
    where = f"{cls.__name__}.{name}"
    if mark.kind not in KINDS:
        raise ContractError(f"{where}: kind {mark.kind!r} is none of {', '.join(KINDS)}")
    signature = inspect.signature(function)
    hints = typing.get_type_hints(function, include_extras=True)
    if "return" not in hints:
        raise ContractError(f"{where} lacks a return annotation")
    returns = hints.pop("return")
    returns = None if returns is type(None) else returns
    if mark.kind in ("cast", "fanout") and returns is not None:
        raise ContractError(f"{where} is a {mark.kind} and returns nothing")
    parameters = [p for p in signature.parameters.values() if p.name != "self"]
    fields: list[Any] = []
    for parameter in parameters:
        if parameter.kind is not parameter.KEYWORD_ONLY:
            raise ContractError(f"{where}: parameter {parameter.name} is not keyword-only")
        if parameter.name not in hints:
            raise ContractError(f"{where}: parameter {parameter.name} lacks a type")
        typed = (parameter.name, hints[parameter.name])
        fields.append(
            typed if parameter.default is parameter.empty else (*typed, parameter.default)
        )
    added = {key: parse_version(at) for key, at in mark.added.items()}
    _check_added(where, added, {p.name: p for p in parameters}, has)
    since = parse_version(mark.since)
    if since > has:
        raise ContractError(f"{where}: since {mark.since}, but the contract is older")
    args = msgspec.defstruct(f"{cls.__name__}_{name}", fields, kw_only=True)
    return Method(
        name=name,
        kind=mark.kind,
        since=since,
        added=added,
        parameters={p.name: hints[p.name] for p in parameters},
        returns=returns,
        args=args,
        args_decoder=msgspec.json.Decoder(args),
        reply_decoder=reply_decoder(returns),
        signature=signature.replace(parameters=parameters),
    )


def _check_added(
    where: str,
    added: Mapping[str, Version],
    parameters: Mapping[str, inspect.Parameter],
    has: Version,
) -> None:
    for name, version in added.items():
        parameter = parameters.get(name)
        if parameter is None:
            raise ContractError(f"{where}: added names {name}, which is no parameter")
        if parameter.default is parameter.empty:
            raise ContractError(f"{where}: the later parameter {name} needs a default")
        if version > has:
            raise ContractError(f"{where}: {name} was added after the contract's version")


# --- the server's side --------------------------------------------------------------------

Handler = Callable[..., Any]
Endpoint = Mapping[str, Handler] | object


def check_server(contract: type, endpoint: Endpoint) -> dict[str, Handler]:
    """The handler of each contract method: `handler(context, **parameters)`.

    `endpoint` is an object with methods or a table name -> function. ContractError when a
    method is missing or its parameters differ from the contract, or when a table has a
    function that the contract does not know.
    """
    compiled = compile_contract(contract)
    handlers: dict[str, Handler] = {}
    problems = []
    for name, declared in compiled.methods.items():
        handler = _find(endpoint, name)
        if handler is None:
            problems.append(f"{name} is missing")
            continue
        problems.extend(f"{name}: {problem}" for problem in _compare(declared, handler))
        handlers[name] = handler
    if isinstance(endpoint, Mapping):
        problems.extend(
            f"{name} is not in the contract" for name in endpoint if name not in compiled.methods
        )
    if problems:
        raise ContractError(f"server of {compiled.name} {compiled.version}: {'; '.join(problems)}")
    return handlers


def _find(endpoint: Endpoint, name: str) -> Handler | None:
    found = endpoint.get(name) if isinstance(endpoint, Mapping) else getattr(endpoint, name, None)
    return found if callable(found) else None


def _compare(declared: Method, handler: Handler) -> list[str]:
    """How the handler's parameters differ from the contract's."""
    found = list(inspect.signature(handler).parameters.values())
    if not found or found[0].kind is found[0].KEYWORD_ONLY:
        return ["has no first parameter for the context"]
    rest = {p.name: p for p in found[1:]}
    if any(p.kind is p.VAR_KEYWORD for p in rest.values()):
        return []
    problems = [f"lacks the parameter {name}" for name in declared.parameters if name not in rest]
    for name, parameter in rest.items():
        if name in declared.parameters:
            if parameter.kind is parameter.POSITIONAL_ONLY:
                problems.append(f"{name} cannot be given by keyword")
        elif (
            parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL
        ):
            problems.append(f"needs {name}, which the contract does not send")
    return problems
