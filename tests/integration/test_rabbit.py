# SPDX-License-Identifier: Apache-2.0
"""The bus over a real RabbitMQ: the same contract, other processes, broken parts."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import kombu
import pytest
from oslo_messaging._drivers import impl_rabbit

from nova_lite.base import concurrency, conf
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.rpc.client import Client, Timeouts, client_class
from nova_lite.rpc.rabbit import RabbitBus
from nova_lite.rpc.server import RpcServer
from tests.fixtures.echo_daemon import Echo, EchoServer, rows_of_json
from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for

pytestmark = [
    pytest.mark.rabbit,
    pytest.mark.skipif(not RabbitServer.available(), reason="RabbitMQ is not installed"),
]

ROOT = Path(__file__).parents[2]
ASKED = RequestContext(request_id="req-1", user_id="u1", project_id="p1")
RECONNECT_LIMIT = 60.0  # seconds, on a busy machine; about 5 on an idle one


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitServer]:
    server = RabbitServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bus(broker: RabbitServer) -> Iterator[RabbitBus]:
    conf.CONF.set_override("transport_url", broker.url)
    made = RabbitBus(conf.CONF)
    yield made
    made.close()
    conf.CONF.clear_override("transport_url")


@pytest.fixture
def client(bus: RabbitBus) -> Client:
    return client_class(Echo)(bus, timeouts=Timeouts(call=10, monitor=2))


@pytest.fixture
def server(bus: RabbitBus) -> Iterator[RpcServer]:
    made = RpcServer(bus, Echo, EchoServer(), "here")
    made.start()
    yield made
    made.stop()
    assert made.wait(10)


class Daemon:
    """The echo daemon as a process of its own."""

    def __init__(self, folder: Path, url: str, host: str, backend: str | None = None) -> None:
        config = folder / f"{host}.conf"
        config.write_text(f"[DEFAULT]\ntransport_url = {url}\nhost = {host}\n")
        self.log = folder / f"{host}.log"
        command = [sys.executable, "-m", "tests.fixtures.echo_daemon"]
        command += [backend or concurrency.backend(), "1", "--config-file", str(config)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)

    def says(self, words: str, timeout: float = 30.0) -> None:
        wait_for(lambda: words in self.log.read_text(), timeout, f"{words!r} in {self.log}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def term(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


@pytest.fixture
def daemon(broker: RabbitServer, tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    made: list[Daemon] = []

    def make(host: str, **options: str) -> Daemon:
        made.append(Daemon(tmp_path, options.pop("url", broker.url), host, **options))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def test_calls_casts_and_fanouts(
    broker: RabbitServer, client: Client, server: RpcServer, tmp_path: Path
) -> None:
    assert client.whisper(ASKED, text='ä " \\ \u2028') == 'ä " \\ \u2028'
    assert client.big(ASKED, rows=13000) == rows_of_json(13000)
    notes = tmp_path / "notes"
    client.note(ASKED, path=str(notes), text="cast")
    client.all(ASKED, path=str(notes), text="fanout")
    wait_for(
        lambda: notes.exists() and sorted(notes.read_text().split()) == ["cast", "fanout"],
        10,
        "both notes",
    )
    with pytest.raises(errors.RemoteError) as caught:
        client.fail(ASKED)
    assert caught.value.values["type"] == "ValueError"
    queues = broker.control("-q", "list_queues", "name")
    assert {"echo", "echo.here"} <= set(queues.split())


def test_listeners_rest_after_a_message(
    client: Client, server: RpcServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look for nothing, many times after each message, once cost more than the messages."""
    consume, longest_waits = impl_rabbit.Connection.consume, []

    def watched(self: impl_rabbit.Connection, timeout: float | None = None) -> None:
        longest_waits.append(timeout)
        consume(self, timeout=timeout)

    monkeypatch.setattr(impl_rabbit.Connection, "consume", watched)
    for _ in range(5):
        assert client.whisper(ASKED, text="x") == "x"
    wait_for(lambda: len(longest_waits) >= 10, 20, "listener and reply poller to wait again")
    assert min(longest_waits) >= 1.0


def test_several_servers_in_processes_of_their_own(
    bus: RabbitBus, client: Client, daemon: Callable[..., Daemon]
) -> None:
    first, second = daemon("n1", backend="eventlet"), daemon("n2", backend="threading")
    for one in (first, second):
        one.says("is ready")
    assert {client.pid(ASKED) for _ in range(20)} == {first.process.pid, second.process.pid}
    to_second = client_class(Echo)(bus, server="n2")
    assert {to_second.pid(ASKED) for _ in range(5)} == {second.process.pid}
    assert first.term() == 0
    assert {client.pid(ASKED) for _ in range(5)} == {second.process.pid}


def test_a_long_call_lives_as_long_as_its_server_does(
    client: Client, daemon: Callable[..., Daemon]
) -> None:
    one = daemon("n3")
    one.says("is ready")
    # Longer than the silence that is tolerated, shorter than the time limit.
    assert client.sleep(ASKED, seconds=5) == "awake"
    asking = concurrency.spawn(client.sleep, ASKED, seconds=60)
    began = time.monotonic()
    concurrency.spawn(_kill_later, one, 1.0)
    with pytest.raises(errors.RpcTimeout):
        asking.wait(30)
    assert time.monotonic() - began < 10


def _kill_later(one: Daemon, seconds: float) -> None:
    # pause: the call has to be under way, which nothing tells from outside
    concurrency.sleep(seconds)
    one.kill()


def test_nobody_listens(bus: RabbitBus) -> None:
    began = time.monotonic()
    with pytest.raises(errors.RpcUnreachable, match=r"echo\.nowhere"):
        client_class(Echo)(bus, server="nowhere").pid(ASKED)
    with pytest.raises(errors.RpcUnreachable):
        client_class(Echo)(bus, server="nowhere").note(ASKED, path="x", text="x")
    assert time.monotonic() - began < 20


def test_a_message_waits_in_the_queue_of_a_server_that_was_there(
    client: Client, daemon: Callable[..., Daemon], tmp_path: Path
) -> None:
    one = daemon("n4")
    one.says("is ready")
    one.kill()
    notes = tmp_path / "notes"
    client.note(ASKED, path=str(notes), text="kept")
    again = daemon("n4")
    again.says("is ready")
    wait_for(notes.exists, 10, "the kept message")


# --- messages that nobody can take --------------------------------------------------------


def oslo(message: object) -> str:
    """The envelope of oslo.messaging around a message."""
    return json.dumps({"oslo.version": "2.0", "oslo.message": json.dumps(message)})


GARBAGE: list[tuple[bytes | str, str, str]] = [
    (b"\x00\xff\xfe garbage", "application/json", "utf-8"),
    (b"\x00\xff\xfe garbage", "application/octet-stream", "binary"),
    (b"", "application/json", "utf-8"),
    (b"[1, 2, 3]", "application/json", "utf-8"),
    (b"null", "application/json", "utf-8"),
    (b'"text"', "application/json", "utf-8"),
    (b"{}", "application/json", "utf-8"),
    (b"{}", "application/x-python-serialize", "binary"),
    (b"--- !!python/object/apply:os.system ['false']", "application/x-yaml", "utf-8"),
    (b"{}", "nonsense", "klingon"),
    (b'{"oslo.version": "2.0"}', "application/json", "utf-8"),
    (b'{"oslo.version": "9.0", "oslo.message": "{}"}', "application/json", "utf-8"),
    (b'{"oslo.version": "2.0", "oslo.message": "not json"}', "application/json", "utf-8"),
    (oslo([1, 2]), "application/json", "utf-8"),
    (oslo({}), "application/json", "utf-8"),
    (oslo({"method": "pid", "args": {}}), "application/json", "utf-8"),
    (oslo({"method": "__class__", "args": {}}), "application/json", "utf-8"),
    (oslo({"method": 5, "args": 7}), "application/json", "utf-8"),
    (oslo({"method": "request", "args": {"text": 5}}), "application/json", "utf-8"),
    (oslo({"method": "request", "args": {"text": "no"}}), "application/json", "utf-8"),
    (oslo({"method": "request", "args": ["text"]}), "application/json", "utf-8"),
    (
        oslo({"method": "nope", "args": {}, "_msg_id": "1", "_reply_q": "reply_none"}),
        "application/json",
        "utf-8",
    ),
    (
        oslo({"method": "nope", "_msg_id": "2", "_reply_q": "reply_none", "_timeout": "soon"}),
        "application/json",
        "utf-8",
    ),
    (b"x" * 3_000_000, "application/json", "utf-8"),
]


def test_garbage_in_the_queue_stops_nobody(
    broker: RabbitServer, client: Client, daemon: Callable[..., Daemon]
) -> None:
    one = daemon("n5")
    one.says("is ready")
    with kombu.Connection(broker.url.replace("rabbit://", "amqp://")) as connection:
        producer = connection.Producer()
        for body, content_type, encoding in GARBAGE:
            producer.publish(
                body,
                routing_key="echo",
                content_type=content_type,
                content_encoding=encoding,
                serializer=None,
            )
            assert client.pid(ASKED) == one.process.pid, (body[:60], content_type)
    wait_for(
        lambda: _counts(broker, "echo") == (0, 0), 10, "every message to be taken and done with"
    )
    assert one.process.poll() is None
    text = one.log.read_text()
    assert text.count("Refused a message that is no request of ours") >= 5
    assert one.term() == 0


def _counts(broker: RabbitServer, queue: str) -> tuple[int, int]:
    """Messages of a queue that wait, and that are taken and not done with."""
    listed = broker.control(
        "-q", "list_queues", "name", "messages_ready", "messages_unacknowledged"
    )
    for line in listed.splitlines():
        words = line.split()
        if words and words[0] == queue:
            return int(words[1]), int(words[2])
    raise LookupError(queue)


@pytest.mark.parametrize("kind", ["unknown method", "arguments", "version"])
def test_a_caller_is_told_what_was_wrong(bus: RabbitBus, server: RpcServer, kind: str) -> None:
    from nova_lite.rpc import codec

    method, version, args = {
        "unknown method": ("nope", "1.0", {}),
        "arguments": ("whisper", "1.0", {"text": 5}),
        "version": ("whisper", "1.9", {"text": "x"}),
    }[kind]
    text = codec.encode_request(method, version, ASKED, args)
    reply = bus.call("echo", "here", method, text, timeout=10)
    with pytest.raises((errors.BadMessage, errors.UnsupportedVersion)):
        codec.open_reply(codec.reply_decoder(None), reply, raw=False)


# --- broken parts -------------------------------------------------------------------------


def answering(call: Callable[[], bool]) -> Callable[[], bool]:
    """`call`, false while the broker is away."""

    def answers() -> bool:
        try:
            return call()
        except errors.Unavailable:
            return False

    return answers


@pytest.mark.parametrize("how", ["restart", "kill"])
def test_everybody_reconnects_after_the_broker_was_away(
    broker: RabbitServer, client: Client, daemon: Callable[..., Daemon], how: str
) -> None:
    one = daemon("n6")
    one.says("is ready")
    assert client.pid(ASKED) == one.process.pid
    if how == "restart":
        broker.restart()
    else:
        broker.kill()
        broker.start()
    patient = client.options(timeout=5)
    answers = answering(lambda: bool(patient.pid(ASKED) == one.process.pid))
    wait_for(answers, RECONNECT_LIMIT, "an answer after the broker's return")
    assert one.process.poll() is None


def test_a_daemon_waits_for_its_broker(
    daemon: Callable[..., Daemon], broker: RabbitServer, client: Client
) -> None:
    broker.halt()
    one = daemon("n7")
    one.says("[DEFAULT] transport_url: the broker at 127.0.0.1")
    assert one.log.read_text().count("Traceback") == 0
    broker.start()
    one.says("is ready", RECONNECT_LIMIT)
    assert client_class(Echo)(client._bus, server="n7").pid(ASKED) == one.process.pid


def test_a_caller_is_told_that_the_broker_is_away(
    broker: RabbitServer, client: Client, server: RpcServer
) -> None:
    assert client.whisper(ASKED, text="x") == "x"
    broker.halt()
    try:
        began = time.monotonic()
        with pytest.raises(errors.Unavailable):
            client.whisper(ASKED, text="x")
        assert time.monotonic() - began < 45
    finally:
        broker.start()
    patient = client.options(timeout=5)
    answers = answering(lambda: bool(patient.whisper(ASKED, text="x") == "x"))
    wait_for(answers, RECONNECT_LIMIT, "an answer after the broker's return")


@pytest.mark.parametrize(
    "url, words",
    [
        ("rabbit://nova:wrong1@127.0.0.1:{port}/", "refuses us"),
        ("rabbit://{login}@127.0.0.1:{port}/nowhere", "refuses us"),
        ("rabbit://{login}@127.0.0.1:1/", "is unreachable"),
    ],
)
def test_a_daemon_says_why_it_cannot_reach_the_broker(
    daemon: Callable[..., Daemon], broker: RabbitServer, url: str, words: str
) -> None:
    login = broker.url.split("//")[1].split("@")[0]
    one = daemon("n8", url=url.format(port=broker.port, login=login))
    one.says(words)
    (line,) = [text for text in one.log.read_text().splitlines() if words in text][:1]
    assert "[DEFAULT] transport_url: the broker at 127.0.0.1:" in line
    assert one.term() == 0
    text = one.log.read_text()
    assert "Traceback" not in text
    assert "wrong1" not in text and broker.password not in text
