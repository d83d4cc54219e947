# SPDX-License-Identifier: Apache-2.0
"""What the handlers, flows and periodic jobs of a conductor are given."""

from dataclasses import dataclass
from typing import Any

from nova_lite.base import clock as base_clock
from nova_lite.db.databases import Databases
from nova_lite.rpc.clients import Clients


@dataclass(frozen=True)
class Deps:
    """`image`, `network` and `volume` are the back ends' ports (nova_lite.backends.*.port).

    `host` is this conductor's name among all services."""

    conf: Any
    databases: Databases
    clients: Clients
    image: Any = None
    network: Any = None
    volume: Any = None
    clock: Any = base_clock

    @property
    def host(self) -> str:
        return str(self.conf.host)
