# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.rpc import wire
from nova_lite.rpc.contract import ContractError, RawJson, check_server, compile_contract, method


class Things:
    TOPIC = "things"
    VERSION = "1.2"

    @method(since="1.0")
    def get(self, *, name: str, count: int = 1) -> list[int]: ...

    @method(since="1.1", kind="cast", added={"fast": "1.2"})
    def forget(self, *, name: str, fast: bool = False) -> None: ...

    @method(since="1.0", kind="long")
    def text(self) -> RawJson: ...


class Good:
    def get(self, context, *, name, count):
        return [count]

    def forget(self, context, *, name, fast):
        return None

    def text(self, context):
        return b"{}"


def test_compiled():
    compiled = compile_contract(Things)
    assert (compiled.name, compiled.topic, compiled.version) == ("Things", "things", "1.2")
    assert list(compiled.methods) == ["get", "forget", "text"]
    assert compiled.methods["text"].raw and not compiled.methods["get"].raw
    assert [m.answers for m in compiled.methods.values()] == [True, False, True]
    assert compile_contract(Things) is compiled


def test_the_contracts_of_the_project_compile():
    for contract in wire.CONTRACTS:
        assert compile_contract(contract).methods


def made(**body):
    return type("Made", (), {"TOPIC": "t", "VERSION": "1.0", **body})


def declared(**options):
    def with_star(self, *, a: int) -> None: ...

    return method(**{"since": "1.0", **options})(with_star)


def positional(self, a: int) -> None: ...


def untyped(self, *, a) -> None: ...


def unreturned(self, *, a: int): ...


def answering(self, *, a: int) -> int: ...


@pytest.mark.parametrize(
    "contract, words",
    [
        (type("NoTopic", (), {"VERSION": "1.0"}), "TOPIC"),
        (made(VERSION="one"), "'one' is no version"),
        (made(plain=lambda self: None), "plain lacks @method"),
        (made(m=declared(kind="shout")), "kind 'shout'"),
        (made(m=declared(since="1.1")), "older"),
        (made(m=method(since="1.0")(positional)), "not keyword-only"),
        (made(m=method(since="1.0")(untyped)), "lacks a type"),
        (made(m=method(since="1.0")(unreturned)), "return annotation"),
        (made(m=method(since="1.0", kind="cast")(answering)), "returns nothing"),
        (made(m=declared(added={"b": "1.0"})), "no parameter"),
        (made(m=declared(added={"a": "1.0"})), "needs a default"),
    ],
)
def test_a_wrong_contract_is_told(contract, words):
    with pytest.raises(ContractError, match=words):
        compile_contract(contract)


def test_server_by_object_and_by_table():
    assert set(check_server(Things, Good())) == {"get", "forget", "text"}
    good = Good()
    table = {"get": good.get, "forget": good.forget, "text": lambda context, **values: b""}
    assert check_server(Things, table)["forget"] == good.forget


def no_context(*, name, count):
    return None


@pytest.mark.parametrize(
    "name, handler, words",
    [
        ("get", None, "get is missing"),
        ("get", no_context, "no first parameter for the context"),
        ("get", lambda context, *, name: None, "get: lacks the parameter count"),
        ("get", lambda context, *, name, count, more: None, "get: needs more"),
        ("get", lambda context, name, /, *, count: None, "name cannot be given by keyword"),
        ("extra", lambda context: None, "extra is not in the contract"),
    ],
)
def test_a_server_that_does_not_fit_is_told_at_start(name, handler, words):
    good = Good()
    table = {"get": good.get, "forget": good.forget, "text": good.text}
    table[name] = handler
    with pytest.raises(ContractError, match=words):
        check_server(Things, table)
