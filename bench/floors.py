# SPDX-License-Identifier: Apache-2.0
"""The machine's own floors: a bare RPC round trip and a bare SQL round trip, in this run."""

import os
import subprocess
import sys
import time
from typing import Any

import sqlalchemy as sa

from bench.meter import Row

CALLS = 300
BIG = 1_200_000  # characters of a reply
SERVER = """
import sys
import oslo_messaging
from oslo_config import cfg
transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=sys.argv[1])
class Echo:
    def echo(self, context, text):
        return text
    def big(self, context, size):
        return 'x' * size
target = oslo_messaging.Target(exchange='floor', topic='floor', server='floor')
server = oslo_messaging.get_rpc_server(transport, target, [Echo()], executor='threading')
server.start()
print('ready', flush=True)
sys.stdin.read()
server.stop()
"""


def _cpu(pid: int) -> float:
    from tests.fixtures.daemons import cpu_seconds

    return cpu_seconds(pid)


def rpc(url: str) -> list[Row]:
    """A bare oslo.messaging call over the broker: both ends, without the broker itself."""
    import oslo_messaging
    from oslo_config import cfg

    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    rows = []
    try:
        assert server.stdout is not None
        server.stdout.readline()
        transport = oslo_messaging.get_rpc_transport(cfg.CONF, url=url)
        client: Any = oslo_messaging.get_rpc_client(
            transport, oslo_messaging.Target(exchange="floor", topic="floor")
        )
        for name, times, call in (
            ("bare RPC round trip", CALLS, lambda: client.call({}, "echo", text="x" * 200)),
            ("bare RPC round trip, 1.2 MB reply", 30, lambda: client.call({}, "big", size=BIG)),
        ):
            for _ in range(5):
                call()
            cpu, began = _cpu(os.getpid()) + _cpu(server.pid), time.monotonic()
            for _ in range(times):
                call()
            wall = time.monotonic() - began
            cpu = _cpu(os.getpid()) + _cpu(server.pid) - cpu
            rows.append(Row(measure=f"floor: {name}", unit="ms", value=wall / times * 1000))
            rows.append(Row(measure=f"floor: {name}", unit="CPU ms", value=cpu / times * 1000))
        transport.cleanup()
    finally:
        if server.stdin is not None:
            server.stdin.close()
        server.wait(30)
    return rows


def sql(url: str) -> list[Row]:
    """A bare `SELECT 1` on an open connection."""
    engine = sa.create_engine(url)
    statement = sa.text("SELECT 1")
    with engine.connect() as connection:
        for _ in range(50):
            connection.execute(statement).all()
        cpu, began = time.process_time(), time.monotonic()
        for _ in range(CALLS * 5):
            connection.execute(statement).all()
        wall, cpu = time.monotonic() - began, time.process_time() - cpu
    engine.dispose()
    times = CALLS * 5
    return [
        Row(measure="floor: bare SQL round trip", unit="ms", value=wall / times * 1000),
        Row(measure="floor: bare SQL round trip", unit="CPU ms", value=cpu / times * 1000),
    ]


def measure(rabbit: Any, database: Any) -> list[Row]:
    return rpc(rabbit.url) + sql(database.url("floor"))
