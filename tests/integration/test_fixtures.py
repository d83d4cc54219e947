# SPDX-License-Identifier: Apache-2.0
"""The throw-away servers of this tier do what the tests ask of them."""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest
import sqlalchemy
import sqlalchemy.exc

from tests.fixtures import libvirtd, process
from tests.fixtures.mariadb import MariaDB
from tests.fixtures.postgres import Postgres
from tests.fixtures.wait import wait_for

START_LIMIT = 60.0  # seconds; a few on an idle machine

DOMAIN = """
<domain type="qemu">
  <name>{name}</name>
  <memory unit="MiB">64</memory>
  <vcpu>1</vcpu>
  <os><type arch="x86_64" machine="pc">hvm</type></os>
  <devices/>
</domain>
"""


class Database(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...
    def url(self, database: str) -> str: ...


SERVERS = [
    pytest.param(MariaDB, marks=pytest.mark.mariadb),
    pytest.param(Postgres, marks=pytest.mark.postgresql),
]


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[MariaDB | Postgres]:
    if not request.param.available():
        pytest.skip(f"{request.param.__name__} is not installed")
    server = request.param()
    yield server
    server.stop()
    assert not server.folder.exists()


def test_database_server_keeps_what_was_committed(server: MariaDB | Postgres) -> None:
    began = time.monotonic()
    server.start()
    assert time.monotonic() - began < START_LIMIT
    engine = sqlalchemy.create_engine(server.url("first"), pool_pre_ping=True)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
        connection.execute(sqlalchemy.text("INSERT INTO t VALUES (1)"))

    server.kill()
    with pytest.raises(sqlalchemy.exc.OperationalError):
        engine.connect()
    server.start()
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("INSERT INTO t VALUES (2)"))
    server.restart()
    with engine.connect() as connection:
        rows = connection.execute(sqlalchemy.text("SELECT n FROM t ORDER BY n")).scalars()
        assert list(rows) == [1, 2]
    engine.dispose()


def test_databases_of_one_server_are_separate(server: MariaDB | Postgres) -> None:
    server.start()
    one = sqlalchemy.create_engine(server.url("one"))
    with one.begin() as connection:
        connection.execute(sqlalchemy.text("CREATE TABLE t (n INTEGER)"))
    two = sqlalchemy.create_engine(server.url("two"))
    assert sqlalchemy.inspect(one).has_table("t")
    assert not sqlalchemy.inspect(two).has_table("t")
    assert server.url("one") == server.url("one")
    one.dispose()
    two.dispose()


def test_a_server_that_cannot_start_says_why(server: MariaDB | Postgres) -> None:
    server.start()
    second = type(server)()
    second.port = server.port
    try:
        with pytest.raises(process.ServerFailed, match=str(server.port)):
            second.start()
    finally:
        second.stop()


@pytest.fixture
def hypervisor() -> Iterator[libvirtd.Libvirtd]:
    if not libvirtd.available():
        pytest.skip("libvirtd is not installed")
    hypervisor = libvirtd.own_libvirtd()
    yield hypervisor
    hypervisor.stop()
    assert not hypervisor.folder.exists()


def _define(hypervisor: libvirtd.Libvirtd, name: str) -> None:
    path = hypervisor.folder / f"{name}.xml"
    path.write_text(DOMAIN.format(name=name))
    hypervisor.virsh("define", str(path))


def _guest_running(name: str) -> Callable[[], bool]:
    def look() -> bool:
        return any(f"guest={name}" in line for line in _command_lines())

    return look


def _command_lines() -> list[str]:
    lines = []
    for path in process.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_text(errors="replace"))
        except OSError:
            continue
    return lines


@pytest.mark.libvirt
def test_libvirtd_runs_a_guest_that_outlives_it(hypervisor: libvirtd.Libvirtd) -> None:
    began = time.monotonic()
    hypervisor.start()
    assert time.monotonic() - began < START_LIMIT
    name = f"guest-{hypervisor.folder.name}"
    _define(hypervisor, name)
    hypervisor.virsh("start", name)
    running = _guest_running(name)
    assert running()

    hypervisor.kill()
    with pytest.raises(process.ServerFailed):
        hypervisor.virsh("list")
    assert running()
    hypervisor.start()
    assert hypervisor.virsh("domstate", name).strip() == "running"
    hypervisor.restart()
    assert hypervisor.virsh("domstate", name).strip() == "running"

    hypervisor.stop()
    wait_for(lambda: not running(), 30, "the guest to end with its libvirtd")


@pytest.mark.libvirt
def test_two_libvirtds_do_not_see_each_other(hypervisor: libvirtd.Libvirtd) -> None:
    other = libvirtd.own_libvirtd()
    hypervisor.start()
    other.start()
    try:
        for each in (hypervisor, other):
            _define(each, "same-name")
            each.virsh("start", "same-name")
        other.virsh("undefine", "same-name")
        other.virsh("destroy", "same-name")
        assert other.domains() == []
        assert hypervisor.domains() == ["same-name"]
        assert hypervisor.virsh("domstate", "same-name").strip() == "running"
    finally:
        other.stop()
