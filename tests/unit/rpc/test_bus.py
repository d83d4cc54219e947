# SPDX-License-Identifier: Apache-2.0
"""Client, dispatcher and in-process bus together; run on both back ends."""

import inspect
import logging
from datetime import UTC, datetime

import msgspec
import pytest

from nova_lite.base import concurrency
from nova_lite.base import context as base_context
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.rpc import codec
from nova_lite.rpc.client import Timeouts, client_class
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contract import RawJson, method
from nova_lite.rpc.memory import MemoryBus
from nova_lite.rpc.server import Dispatcher, RpcServer
from tests.fixtures.wait import wait_for

ASKED = RequestContext(request_id="req-1", user_id="u1", project_id="p1", roles=("member",))


class Point(msgspec.Struct, frozen=True, kw_only=True):
    x: int
    at: datetime
    name: str | None = None


class Echo:
    """Says what it is told."""

    TOPIC = "echo"
    VERSION = "1.2"

    @method(since="1.0")
    def say(self, *, point: Point, times: int = 1) -> list[Point]: ...

    @method(since="1.0", added={"loud": "1.2"})
    def whisper(self, *, text: str, loud: bool = False) -> str: ...

    @method(since="1.1")
    def who(self) -> list[str | None]: ...

    @method(since="1.0")
    def ready(self) -> RawJson: ...

    @method(since="1.0")
    def fail(self, *, how: str) -> None: ...

    @method(since="1.0", kind="long")
    def wait(self) -> str: ...

    @method(since="1.0", kind="cast")
    def note(self, *, text: str) -> None: ...

    @method(since="1.0", kind="fanout")
    def all(self, *, text: str) -> None: ...


class Server:
    def __init__(self, name="s1"):
        self.name = name
        self.notes = []
        self.gate = concurrency.Event()
        self.entered = concurrency.Event()

    def say(self, context, *, point, times):
        return [point] * times

    def whisper(self, context, *, text, loud):
        return text.upper() if loud else text

    def who(self, context):
        current = base_context.current()
        return [self.name, context.user_id, current.request_id if current else None]

    def ready(self, context):
        return b'{"ready":true}'

    def fail(self, context, *, how):
        if how == "domain":
            raise errors.FlavorNotFound(flavor_id="7")
        raise ValueError("password=hunter2")

    def wait(self, context):
        self.entered.set()
        self.gate.wait(10)
        return self.name

    def note(self, context, *, text):
        self.notes.append(text)

    def all(self, context, *, text):
        self.notes.append(text)


@pytest.fixture
def bus():
    made = MemoryBus(patience=0.1)
    yield made
    made.close()


@pytest.fixture
def server(bus):
    made = Server()
    bus.serve("echo", "s1", Dispatcher(Echo, made))
    return made


def client(bus, **options):
    return client_class(Echo)(bus, **options)


def test_values_arrive_as_what_they_were(bus, server):
    point = Point(x=1, at=datetime(2030, 1, 2, tzinfo=UTC))
    assert client(bus).say(ASKED, point=point, times=2) == [point, point]


def test_context_arrives_and_is_current(bus, server):
    assert client(bus).who(ASKED) == ["s1", "u1", "req-1"]
    assert base_context.current() is None


def test_raw_json(bus, server):
    assert client(bus).ready(ASKED) == b'{"ready":true}'


def test_wrong_use_of_a_client_is_a_type_error(bus, server):
    for values in ({}, {"text": "a", "more": 1}):
        with pytest.raises(TypeError):
            client(bus).whisper(ASKED, **values)


def test_client_methods_say_their_parameters():
    names = list(inspect.signature(client_class(Echo).whisper).parameters)
    assert names == ["self", "context", "text", "loud"]


def test_domain_errors_travel(bus, server):
    with pytest.raises(errors.FlavorNotFound) as caught:
        client(bus).fail(ASKED, how="domain")
    assert caught.value.values == {"flavor_id": "7"}


def test_other_errors_are_logged_there_and_named_here(bus, server, caplog):
    with pytest.raises(errors.RemoteError) as caught:
        client(bus).fail(ASKED, how="python")
    assert caught.value.values["type"] == "ValueError"
    assert "hunter2" not in str(caught.value) + str(caught.value.values)
    assert any(record.exc_info for record in caplog.records)


def test_casts_and_fanouts(bus, server):
    other = Server("s2")
    bus.serve("echo", "s2", Dispatcher(Echo, other))
    client(bus, server="s2").note(ASKED, text="to s2")
    wait_for(lambda: other.notes == ["to s2"], 5, "the cast")
    client(bus).all(ASKED, text="to all")
    wait_for(lambda: server.notes == ["to all"] and len(other.notes) == 2, 5, "the fanout")


def test_servers_of_a_topic_take_turns(bus, server):
    bus.serve("echo", "s2", Dispatcher(Echo, Server("s2")))
    assert {client(bus).who(ASKED)[0] for _ in range(4)} == {"s1", "s2"}
    assert {client(bus, server="s2").who(ASKED)[0] for _ in range(4)} == {"s2"}


def test_a_call_without_answer_times_out(bus, server):
    with pytest.raises(errors.RpcTimeout):
        client(bus).options(timeout=0.05).wait(ASKED)
    server.gate.set()


def test_nobody_there(bus):
    with pytest.raises(errors.RpcUnreachable):
        client(bus).who(ASKED)
    with pytest.raises(errors.RpcUnreachable):
        client(bus, server="s9").note(ASKED, text="x")


def test_a_message_waits_for_a_server_that_was_there(bus):
    first = bus.serve("echo", "s1", Dispatcher(Echo, Server()))
    first.stop()
    assert first.wait(5)
    asking = concurrency.spawn(client(bus).who, ASKED)
    client(bus).note(ASKED, text="held")
    again = Server("again")
    bus.serve("echo", "s1", Dispatcher(Echo, again))
    assert asking.wait(5)[0] == "again"
    wait_for(lambda: again.notes == ["held"], 5, "the held cast")


def test_stop_lets_what_was_taken_end(bus):
    server = Server()
    handle = bus.serve("echo", "s1", Dispatcher(Echo, server))
    asking = concurrency.spawn(client(bus).wait, ASKED)
    assert server.entered.wait(5)
    handle.stop()
    assert not handle.wait(0.05)
    server.gate.set()
    assert asking.wait(5) == "s1"
    assert handle.wait(5)


def test_a_killed_server_answers_nothing(bus):
    server = Server()
    handle = bus.serve("echo", "s1", Dispatcher(Echo, server))
    asking = concurrency.spawn(client(bus).options(timeout=0.5).wait, ASKED)
    assert server.entered.wait(5)
    handle.kill()
    server.gate.set()
    with pytest.raises(errors.RpcTimeout):
        asking.wait(5)


def test_a_long_call_ends_soon_after_its_server(bus):
    server = Server()
    handle = bus.serve("echo", "s1", Dispatcher(Echo, server))
    subject = client(bus, timeouts=Timeouts(long=60, monitor=0.1))
    asking = concurrency.spawn(subject.wait, ASKED)
    assert server.entered.wait(5)
    with pytest.raises(TimeoutError):
        asking.wait(0.3)
    handle.kill()
    with pytest.raises(errors.RpcTimeout):
        asking.wait(5)
    server.gate.set()
    again = Server("again")
    again.gate.set()
    bus.serve("echo", "s1", Dispatcher(Echo, again))
    bus.faults.lose_reply("wait")
    with pytest.raises(errors.RpcTimeout):
        subject.wait(ASKED)


def test_faults_on_demand(bus, server):
    subject = client(bus).options(timeout=0.2)
    bus.faults.drop("who")
    with pytest.raises(errors.RpcTimeout):
        subject.who(ASKED)
    bus.faults.lose_reply("whisper")
    with pytest.raises(errors.RpcTimeout):
        subject.whisper(ASKED, text="x")
    bus.faults.delay("who", 0.05)
    assert subject.who(ASKED)[0] == "s1"
    bus.faults.duplicate("note")
    subject.note(ASKED, text="twice")
    wait_for(lambda: server.notes == ["twice", "twice"], 5, "both copies")
    bus.faults.drop("who", times=2)
    bus.faults.clear()
    assert subject.who(ASKED)[0] == "s1"


# --- messages that nobody can take --------------------------------------------------------


def send(bus, text):
    reply = bus.call("echo", None, "m", text, timeout=5)
    return codec.open_reply(codec.reply_decoder(None), reply, raw=False)


def request(method="who", version="1.0", args=None, **more):
    return codec.encode_request(method, version, ASKED, args or {}, **more)


@pytest.mark.parametrize(
    "text, error, words",
    [
        ("garbage", errors.BadMessage, "not a request"),
        (request("nonsense"), errors.BadMessage, "no method 'nonsense'"),
        (request("__init__"), errors.BadMessage, "no method"),
        (request("whisper"), errors.BadMessage, "arguments of whisper"),
        (request("whisper", args={"text": 3}), errors.BadMessage, "Expected `str`"),
        (request("who", "1.3"), errors.UnsupportedVersion, "Echo.who 1.3"),
        (request("who", "2.0"), errors.UnsupportedVersion, "this service has 1.2"),
        (request("who", "0.9"), errors.UnsupportedVersion, "0.9"),
        (request("who", "new"), errors.BadMessage, "'new' is no version"),
        (request("who", expires=1.0), errors.RpcTooLate, "nobody waits"),
    ],
)
def test_a_message_that_nobody_can_take_is_refused_and_logged(
    bus, server, caplog, text, error, words
):
    with caplog.at_level(logging.ERROR), pytest.raises(error, match=words):
        send(bus, text)
    assert "refused" in caplog.text
    assert client(bus).who(ASKED)[0] == "s1"


# --- versions -----------------------------------------------------------------------------


def test_a_pinned_client_speaks_as_its_peers_do(bus, server):
    old = client(bus, speak=(1, 0))
    assert old.whisper(ASKED, text="x") == "x"
    for refused in (lambda: old.whisper(ASKED, text="x", loud=True), lambda: old.who(ASKED)):
        with pytest.raises(errors.UnsupportedVersion):
            refused()
    assert client(bus).whisper(ASKED, text="x", loud=True) == "X"


class EchoBefore:
    TOPIC = "echo"
    VERSION = "1.0"

    @method(since="1.0")
    def whisper(self, *, text: str) -> str: ...


def test_a_client_asks_for_no_more_than_it_needs(bus):
    bus.serve(
        "echo", "old", Dispatcher(EchoBefore, {"whisper": lambda context, *, text: f"old {text}"})
    )
    assert client(bus).whisper(ASKED, text="x") == "old x"
    with pytest.raises(errors.UnsupportedVersion):
        client(bus).whisper(ASKED, text="x", loud=True)


def test_an_old_client_and_a_new_server(bus, server):
    assert client_class(EchoBefore)(bus).whisper(ASKED, text="x") == "x"


# --- parts and clients --------------------------------------------------------------------


def test_rpc_server_as_a_part(bus):
    part = RpcServer(bus, Echo, Server(), "s1")
    part.stop()
    part = RpcServer(bus, Echo, Server(), "s1")
    part.start()
    assert client(bus).who(ASKED)[0] == "s1"
    part.stop()
    assert part.wait(5)


def test_clients_of_the_project(bus):
    clients = Clients(bus, Timeouts(call=1))
    assert clients.compute("n1") is clients.compute("n1")
    assert clients.compute("n1") is not clients.compute("n2")
    with pytest.raises(errors.RpcUnreachable):
        clients.conductor.get_instance(ASKED, uuid="x")


@pytest.mark.parametrize("pin", ["auto", "0.1", "1.0", None])
def test_pins(bus, pin):
    Clients(bus, pins={"compute": pin}).know_levels({"compute": 1})


def test_a_wrong_pin_is_a_configuration_error(bus):
    with pytest.raises(errors.ConfigurationError, match=r"\[upgrade_levels\] compute"):
        Clients(bus, pins={"compute": "zed"})
