# SPDX-License-Identifier: Apache-2.0
"""The figures of a distributed cloud on the fake driver: boots, deletes, lists, memory.

    python -m bench.cloud [--servers 1000] [--json FILE] [--database mariadb|postgresql]

RabbitMQ, the database and all daemons are started for the run and ended after it. CPU seconds
are summed over all daemons, the broker and the database.
"""

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench import floors, metadata, scheduling
from bench.meter import Meter, Row, median, table
from nova_lite.base import conf
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.transport import make_bus
from tests.fixtures.daemons import DistributedCloud, Rest, pss_mib
from tests.fixtures.mariadb import MariaDB
from tests.fixtures.postgres import Postgres
from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for

SETTLE = 2.0  # seconds without load before a measurement
BOOT_TIMEOUT = 300.0


def progress(text: str) -> None:
    print(f"# {text}", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, cloud: DistributedCloud, others: dict[str, int], image: str) -> None:
        self.cloud = cloud
        self.image = image
        self.rows: list[Row] = []
        self._others = others
        self.meter = Meter(self._processes)
        self.details: dict[str, dict[str, float]] = {}

    def _processes(self) -> list[tuple[str, int]]:
        own = [(name, daemon.pid) for name, daemon in self.cloud.daemons.items()]
        return own + list(self._others.items())

    def row(self, measure: str, unit: str, value: float, target: float | None = None,
            note: str = "") -> None:  # fmt: skip
        row = Row(measure=measure, unit=unit, value=value, target=target, note=note)
        self.rows.append(row)
        progress(table([row]).splitlines()[1])

    # --- work ------------------------------------------------------------------------------

    def create(self, client: Rest, name: str, **more: object) -> str:
        body = self.cloud.server_body(name, self.image, **more)
        status, answer = client.call("POST", "/servers", body)
        if status != 202:
            raise AssertionError(f"create: {status} {answer}")
        return str(answer["server"]["id"])

    def active(self, client: Rest, uuid: str, pause: float = 0.05) -> float:
        """Wait for ACTIVE; the moment it was seen."""
        deadline = time.monotonic() + BOOT_TIMEOUT
        while True:
            _, answer = client.call("GET", f"/servers/{uuid}")
            status = answer["server"]["status"]
            if status == "ACTIVE":
                return time.monotonic()
            if status == "ERROR" or time.monotonic() > deadline:
                raise AssertionError(f"{uuid} is {status}: {answer['server'].get('fault')}")
            time.sleep(pause)

    def count(self, status: str) -> int:
        client, marker, found = self.cloud.rest(), "", 0
        while True:
            _, answer = client.call("GET", f"/servers?status={status}&limit=1000{marker}")
            found += len(answer["servers"])
            if len(answer["servers"]) < 1000:
                return found
            marker = f"&marker={answer['servers'][-1]['id']}"

    def many(self, jobs: list[Callable[[Rest], None]], concurrency: int) -> None:
        """Run the jobs on so many connections."""
        todo, failures = iter(jobs), []
        lock = threading.Lock()

        def worker() -> None:
            client = self.cloud.rest()
            while not failures:
                with lock:
                    job = next(todo, None)
                if job is None:
                    return
                try:
                    job(client)
                except Exception as exc:
                    failures.append(exc)

        threads = [threading.Thread(target=worker) for _ in range(concurrency)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    # --- measures ----------------------------------------------------------------------------

    def starts(self) -> None:
        for kind in ("api", "conductor", "scheduler", "compute"):
            took = self.cloud.daemons[f"{kind}1"].started_in
            self.row(f"start of {kind} to ready", "s", took, 1.5)

    def memory(self, when: str, target: float) -> None:
        parts = {name: pss_mib(d.pid) for name, d in self.cloud.daemons.items()}
        note = ", ".join(f"{name} {mib:.0f}" for name, mib in parts.items())
        self.row(f"memory of all daemons, {when} (PSS)", "MiB", sum(parts.values()), target, note)

    def idle(self, seconds: float = 10.0) -> float:
        """What an idle cloud costs, CPU seconds a second: heartbeats, reports, periodic looks."""
        time.sleep(SETTLE)
        with self.meter.span() as span:
            time.sleep(seconds)
        rate = span.cpu / span.wall
        self.row("idle cloud", "CPU s a second", rate)
        return rate

    def one_boot(self, times: int = 30) -> list[str]:
        """One boot after the other. The kernel counts a process's CPU time in steps of 10 ms, so
        one boot alone cannot be read: the sum of all is, less what idling costs for so long."""
        client, walls, made = self.cloud.rest(), [], []
        for number in range(3):  # the first ones open connections
            made.append(self.create(client, f"warm{number}"))
            self.active(client, made[-1])
        rate = self.idle()
        with self.meter.span() as span:
            for number in range(times):
                began = time.monotonic()
                made.append(self.create(client, f"one{number}"))
                walls.append(self.active(client, made[-1]) - began)
                time.sleep(0.3)  # what is finished after ACTIVE was seen counts too
        self.details["one boot"] = {name: cpu / times for name, cpu in span.by_process.items()}
        cpu = (span.cpu - rate * span.wall) / times
        self.row("one boot on an idle cloud", "CPU s", cpu, 0.06)
        self.row("one boot on an idle cloud, to ACTIVE", "s", median(walls), 0.15)
        return made

    def boots(self, total: int = 200, concurrency: int = 10) -> list[str]:
        made: list[str] = []

        def boot(number: int) -> Callable[[Rest], None]:
            return lambda client: made.append(self.create(client, f"many{number}"))

        before = self.count("ACTIVE")
        time.sleep(SETTLE)
        with self.meter.span() as span:
            self.many([boot(n) for n in range(total)], concurrency)
            wait_for(lambda: self.count("ACTIVE") >= before + total, BOOT_TIMEOUT, "all ACTIVE")
        name = f"{total} boots, concurrency {concurrency}"
        self.details[name] = span.by_process
        self.row(f"{name}: each", "CPU s", span.cpu / total, 0.08)
        self.row(f"{name}: seconds a server", "s", span.wall / total, 1 / 12,
                 f"{total / span.wall:.1f} servers/s")  # fmt: skip
        return made

    def multi(self, count: int = 100, target: float | None = 0.05) -> None:
        before = self.count("ACTIVE")
        time.sleep(SETTLE)
        with self.meter.span() as span:
            self.create(self.cloud.rest(), "multi", min_count=count, max_count=count)
            wait_for(lambda: self.count("ACTIVE") >= before + count, BOOT_TIMEOUT, "all ACTIVE")
        if target is not None:
            self.details[f"one request for {count}"] = span.by_process
            self.row(f"one request for {count} servers: each", "CPU s", span.cpu / count, target)

    def deletes(self, uuids: list[str], concurrency: int = 10) -> None:
        def delete(uuid: str) -> Callable[[Rest], None]:
            def job(client: Rest) -> None:
                status, answer = client.call("DELETE", f"/servers/{uuid}")
                if status != 204:
                    raise AssertionError(f"delete: {status} {answer}")

            return job

        def all_count() -> int:
            _, answer = self.cloud.rest().call("GET", "/servers?limit=1000")
            return len(answer["servers"])

        before = all_count()
        time.sleep(SETTLE)
        with self.meter.span() as span:
            self.many([delete(uuid) for uuid in uuids], concurrency)
            wait_for(lambda: all_count() <= before - len(uuids), BOOT_TIMEOUT, "all gone")
        self.details["delete"] = span.by_process
        self.row("delete, concurrency 10: each", "CPU s", span.cpu / len(uuids), 0.05)

    def read(self, measure: str, path: str, target: float, unit: str = "CPU s",
             times: int = 10) -> None:  # fmt: skip
        """Several GETs in one span (the clock of CPU time ticks in 10 ms)."""
        client = self.cloud.rest()
        for _ in range(3):
            client.call("GET", path)
        time.sleep(SETTLE)
        with self.meter.span() as span:
            for _ in range(times):
                status, _ = client.call("GET", path)
                if status != 200:
                    raise AssertionError(f"{path}: {status}")
        factor = 1000 if unit == "CPU ms" else 1
        self.details[measure] = {k: v / times for k, v in span.by_process.items()}
        self.row(measure, unit, span.cpu / times * factor, target,
                 f"{span.wall / times * 1000:.1f} ms wall")  # fmt: skip

    def reads(self, servers: int) -> None:
        uuid = self.cloud.rest().call("GET", "/servers?limit=1")[1]["servers"][0]["id"]
        page = self.cloud.rest().call("GET", "/servers?limit=50")[1]["servers"][-1]["id"]
        self.read(f"GET /servers/detail, {servers} servers", "/servers/detail", 0.2)
        self.read(f"GET /servers, {servers} servers", "/servers", 0.06)
        self.read("GET /servers/detail?limit=50 with marker",
                  f"/servers/detail?limit=50&marker={page}", 0.02, times=50)  # fmt: skip
        self.read("GET /servers/{id}", f"/servers/{uuid}", 6, "CPU ms", times=200)

    def fill(self, servers: int) -> None:
        missing = servers - self.count("ACTIVE")
        while missing > 0:
            self.multi(min(missing, 100), target=None)
            missing = servers - self.count("ACTIVE")


def measure(cloud: DistributedCloud, others: dict[str, int], image: str, servers: int) -> Bench:
    bench = Bench(cloud, others, image)
    bench.starts()
    cloud.add_flavor()
    time.sleep(SETTLE)
    bench.memory("idle", 350)
    bench.one_boot()
    made = bench.boots()
    bench.multi()
    bench.deletes(made)
    progress(f"filling up to {servers} servers")
    bench.fill(servers)
    bench.reads(servers)
    bench.memory(f"with {servers} servers", 400)
    return bench


def rpc_clients(url: str) -> Clients:
    """Clients over the cloud's broker, as a daemon has them."""
    conf.setup(["--config-file", "/dev/null"], "bench")
    conf.CONF.set_override("transport_url", url)
    return Clients.from_conf(make_bus(conf.CONF), conf.CONF)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--servers", type=int, default=1000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--database", choices=("mariadb", "postgresql"), default="mariadb")
    parser.add_argument("--hosts", type=int, nargs="*", default=list(scheduling.TARGETS))
    parser.add_argument("--only-scheduling", action="store_true")
    parser.add_argument("--only-metadata", action="store_true")
    args = parser.parse_args()
    # end what was started, also when asked to by a signal
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rabbit = RabbitServer()
    database = MariaDB() if args.database == "mariadb" else Postgres()
    cloud = None
    details: dict[str, dict[str, float]] = {}
    try:
        progress("starting broker and database")
        rabbit.start()
        database.start()
        rows = floors.measure(rabbit, database)
        cloud = DistributedCloud(
            rabbit.url,
            database.url("api"),
            database.url("cell1"),
            cell0_database=database.url("cell0"),
        )
        progress("starting daemons")
        cloud.start()
        image = cloud.add_image()
        others = {"broker": rabbit.pid, "database": database.pid}
        if not args.only_scheduling and not args.only_metadata:
            bench = measure(cloud, others, image, args.servers)
            rows += bench.rows
            details = bench.details
        if not args.only_scheduling:
            if args.only_metadata:
                cloud.add_flavor()
            progress("metadata")
            rows += metadata.measure(cloud, others, image)
        if args.hosts and not args.only_metadata:
            progress("scheduling decisions")
            rows += scheduling.measure(rpc_clients(rabbit.url), tuple(args.hosts))
    finally:
        if cloud is not None:
            cloud.stop()
        database.stop()
        rabbit.stop()
    print(table(rows))
    if args.json:
        found = {"rows": msgspec.to_builtins(rows), "cpu_by_process": details}
        args.json.write_text(json.dumps(found, indent=1))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
