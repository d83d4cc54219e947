# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oslo_config import cfg

from nova_lite.base import conf as base_conf
from nova_lite.base.clock import ManualClock
from nova_lite.base.context import RequestContext
from nova_lite.conductor.deps import Deps
from nova_lite.db.databases import Databases
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.memory import MemoryBus
from tests.fixtures.databases import make_databases, sqlite_urls


@pytest.fixture
def conf() -> Any:
    """Options of its own for each test; conf.set_override(name, value, group)."""
    made = cfg.ConfigOpts()
    base_conf.register(made)
    made([], project="nova-lite", default_config_files=[], default_config_dirs=[])
    made.set_override("host", "conductor1")
    return made


@pytest.fixture
def clock(manual_clock: ManualClock) -> ManualClock:
    return manual_clock


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    made = make_databases(sqlite_urls(tmp_path))
    yield made
    made.close()


@pytest.fixture
def deps(conf: Any, databases: Databases, clock: ManualClock) -> Iterator[Deps]:
    bus = MemoryBus()
    yield Deps(conf=conf, databases=databases, clients=Clients(bus))
    bus.close()


ADMIN = RequestContext(user_id="root", project_id="admins", roles=("admin",), is_admin=True)
ALICE = RequestContext(user_id="alice", project_id="p1", roles=("member",))
BOB = RequestContext(user_id="bob", project_id="p2", roles=("member",))


@pytest.fixture
def admin() -> RequestContext:
    return ADMIN


@pytest.fixture
def alice() -> RequestContext:
    """A member of project p1."""
    return ALICE


@pytest.fixture
def bob() -> RequestContext:
    """A member of project p2."""
    return BOB
