# SPDX-License-Identifier: Apache-2.0
"""The conductor as a daemon: one endpoint of all handlers, the flows, the periodic jobs."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from nova_lite.backends import load
from nova_lite.base.periodic import Job
from nova_lite.base.service import Service
from nova_lite.conductor import periodic
from nova_lite.conductor.audit import Auditor
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.flow import Probe
from nova_lite.conductor.flows import FLOWS
from nova_lite.conductor.handlers.actions import ActionHandlers
from nova_lite.conductor.handlers.aggregates import AggregateHandlers
from nova_lite.conductor.handlers.consoles import ConsoleHandlers
from nova_lite.conductor.handlers.create import CreateHandlers
from nova_lite.conductor.handlers.descriptions import DescriptionHandlers
from nova_lite.conductor.handlers.flavors import FlavorHandlers
from nova_lite.conductor.handlers.groups import GroupHandlers
from nova_lite.conductor.handlers.guestdata import GuestDataHandlers
from nova_lite.conductor.handlers.hosts import HostHandlers
from nova_lite.conductor.handlers.instances import InstanceHandlers
from nova_lite.conductor.handlers.interfaces import InterfaceHandlers
from nova_lite.conductor.handlers.keypairs import KeypairHandlers
from nova_lite.conductor.handlers.network import NetworkHandlers
from nova_lite.conductor.handlers.precache import PrecacheHandlers
from nova_lite.conductor.handlers.quotas import QuotaHandlers
from nova_lite.conductor.handlers.rebuild import RebuildHandlers
from nova_lite.conductor.handlers.reports import ReportHandlers
from nova_lite.conductor.handlers.services import ServiceHandlers
from nova_lite.conductor.handlers.snapshots import SnapshotHandlers
from nova_lite.conductor.handlers.usage import UsageHandlers
from nova_lite.conductor.network.servers import LocalNetwork
from nova_lite.conductor.recovering import Recoverer
from nova_lite.conductor.runner import SILENCE, Runner
from nova_lite.db.databases import Databases
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contract import compile_contract
from nova_lite.rpc.contracts.conductor import Conductor
from nova_lite.rpc.heartbeat import heartbeat
from nova_lite.rpc.port import Bus
from nova_lite.rpc.server import RpcServer

NAME: Final = "nova-lite-conductor"
BINARY: Final = "nova-conductor"


class DatabasesPart:
    """Waits for the databases before anybody is served, and drops the connections at last."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    def start(self) -> None:
        self._databases.wait()

    def stop(self) -> None:
        """The runs under way still need them: see `wait`."""

    def wait(self, timeout: float | None = None) -> bool:
        self._databases.close()
        return True


class Conducting:
    """Everything behind the endpoint, made once for a process."""

    def __init__(self, deps: Deps, probe: Probe | None = None, *, silence: float = SILENCE) -> None:
        """`silence`: seconds after which another conductor counts as dead."""
        self.deps = deps
        if isinstance(deps.network, LocalNetwork):
            deps.network.connect(deps.databases, deps.clients)
        self.cells = Cells(deps)
        self.runner = Runner(deps, FLOWS, probe=probe, silence=silence)
        self.actions = ActionHandlers(deps, self.cells, self.runner)
        self.recoverer = Recoverer(deps, self.actions.begin_action)
        self.auditor = Auditor(deps, self.recoverer, self.actions.begin_action)
        self._handlers: Sequence[object] = (
            CreateHandlers(deps, self.cells, self.runner),
            InstanceHandlers(deps, self.cells),
            DescriptionHandlers(deps, self.cells),
            GuestDataHandlers(deps, self.cells),
            self.actions,
            RebuildHandlers(deps, self.cells, self.actions),
            InterfaceHandlers(deps, self.actions, self.runner),
            SnapshotHandlers(deps, self.actions),
            ConsoleHandlers(deps, self.cells),
            ReportHandlers(deps, self.cells, self.runner, self.actions, self.recoverer),
            FlavorHandlers(deps),
            KeypairHandlers(deps),
            GroupHandlers(deps),
            QuotaHandlers(deps),
            ServiceHandlers(deps, self.cells.hosts),
            HostHandlers(deps, self.cells.hosts),
            UsageHandlers(deps),
            AggregateHandlers(deps, self.cells.hosts),
            PrecacheHandlers(deps, self.cells.hosts),
            NetworkHandlers(deps, self.cells),
        )

    def endpoint(self) -> dict[str, Callable[..., Any]]:
        """The handler of every method of the contract."""
        found = {}
        for name in compile_contract(Conductor).methods:
            for handler in self._handlers:
                if hasattr(handler, name):
                    found[name] = getattr(handler, name)
        return found

    def jobs(self) -> list[Job]:
        return periodic.jobs(self.deps, self.runner, self.actions, self.auditor)


def make_deps(conf: Any, clients: Clients, databases: Databases | None = None) -> Deps:
    """With the back ends that the options name. Raises ConfigurationError."""
    return Deps(
        conf=conf,
        databases=databases or Databases.from_conf(conf),
        clients=clients,
        image=load.load_image(conf),
        network=load.load_network(conf),
        volume=load.load_volume(conf),
    )


def build(
    conf: Any,
    bus: Bus,
    clients: Clients,
    *,
    deps: Deps | None = None,
    probe: Probe | None = None,
) -> Service:
    """The daemon's parts. `deps` and `probe` are for those who bring their own."""
    deps = deps or make_deps(conf, clients)
    own = Conducting(deps, probe)
    server = RpcServer(bus, Conductor, own.endpoint(), conf.host)
    jobs = [
        heartbeat(clients, BINARY, conf.host, Conductor.TOPIC, conf.report_interval),
        *own.jobs(),
    ]
    return Service(NAME, [DatabasesPart(deps.databases), own.runner, server], jobs)
