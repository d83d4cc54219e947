# SPDX-License-Identifier: Apache-2.0
"""A conductor with a host, and console proxies before them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from nova_lite.console.kinds import NOVNC, SERIAL, Kind
from nova_lite.console.proxy import Proxy
from nova_lite.db.databases import Databases
from nova_lite.domain.console import ConsoleType
from nova_lite.domain.states import VmState
from tests.fixtures.conducting import Cloud, a_context
from tests.fixtures.consoles import Browser, Listener, Talk, echo
from tests.fixtures.databases import make_databases, sqlite_urls


class Consoles:
    """What tests of consoles need of a cloud. `server`: one that runs."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.server = cloud.create().uuids[0]
        cloud.wait(self.server, VmState.ACTIVE)
        self._open: list[Any] = []

    def listen(self, talk: Talk = echo) -> Listener:
        """Make this the console of the server."""
        made = Listener(talk)
        self._open.append(made)
        self.at(made.port)
        return made

    def at(self, port: int) -> None:
        for host in self.cloud.hosts.all.values():
            host.console_ports[self.server] = port

    def proxy(self, kind: Kind = SERIAL, **options: Any) -> Proxy:
        """One that listens at a port of its own; options as for make_conf."""
        given = {f"{kind.group}__{kind.host}": "127.0.0.1", f"{kind.group}__{kind.port}": 0}
        for name, value in {**given, **options}.items():
            group, _, option = name.rpartition("__")
            self.cloud.conf.set_override(option, value, group or None)
        made = Proxy(self.cloud.conf, kind, self.cloud.clients)
        made.start()
        self._open.append(made)
        return made

    def token(self, kind: ConsoleType = ConsoleType.SERIAL) -> str:
        process = self.cloud.processes[0]
        access = process.create_console(a_context(), uuid=self.server, kind=kind)
        query = parse_qs(urlsplit(access.url).query)
        if "path" in query:
            query = parse_qs(urlsplit(query["path"][0]).query)
        return query["token"][0]

    def browser(self, proxy: Proxy, path: str | None = None, **more: Any) -> Browser:
        """A session; by default with a good token."""
        if path is None:
            kind = ConsoleType.SERIAL if proxy._kind is SERIAL else ConsoleType.NOVNC
            path = f"/?token={self.token(kind)}"
        assert proxy.address is not None
        made = Browser(proxy.address[1], path, **more)
        self._open.append(made)
        return made

    def close(self) -> None:
        for one in reversed(self._open):
            if isinstance(one, Proxy):
                one.stop()
                one.wait(10)
            else:
                one.close()


@pytest.fixture
def make_consoles(tmp_path: Path) -> Iterator[Callable[..., Consoles]]:
    made: list[tuple[Databases, Cloud, Consoles]] = []

    def make(**options: Any) -> Consoles:
        databases = make_databases(sqlite_urls(tmp_path))
        cloud = Cloud(databases, hosts=1, **options)
        cloud.process()
        made.append((databases, cloud, Consoles(cloud)))
        return made[-1][2]

    yield make
    for databases, cloud, consoles in made:
        consoles.close()
        cloud.stop()
        databases.close()


@pytest.fixture
def consoles(make_consoles: Callable[..., Consoles]) -> Consoles:
    return make_consoles()


__all__ = ["NOVNC", "SERIAL", "Consoles"]
