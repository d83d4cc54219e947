# SPDX-License-Identifier: Apache-2.0
"""The network daemon of a host: nova-lite-network."""

import ipaddress
import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from nova_lite.base import clock, concurrency, process
from nova_lite.base.context import RequestContext, service_context, use
from nova_lite.base.periodic import Job
from nova_lite.base.service import Part, Service
from nova_lite.domain import errors
from nova_lite.network import applier, names, privileged
from nova_lite.network.agent import Agent
from nova_lite.network.memory import Memory
from nova_lite.network.plan import Settings
from nova_lite.network.relay import Relay
from nova_lite.network.watch import Watch
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contracts.network import NetworkHost
from nova_lite.rpc.heartbeat import heartbeat
from nova_lite.rpc.port import Bus
from nova_lite.rpc.server import RpcServer

LOG = logging.getLogger(__name__)

NAME: Final = "nova-lite-network"
BINARY: Final = "nova-network"
PROGRAMS: Final = ("ip", "bridge", "nft", "dnsmasq")
PROCESSES_EVERY: Final = 2.0  # seconds
SETTLES: Final = 0.3  # seconds: events of devices come in swarms
REPAIR: Final = "network"


def build(conf: Any, bus: Bus, clients: Clients) -> Service:
    """The daemon's parts. Raises ConfigurationError when this host cannot do it."""
    check(conf)
    privileged.prepare(conf)
    agent = make_agent(conf, clients)
    server = RpcServer(bus, NetworkHost, agent.endpoint(), agent.host)
    jobs = [
        heartbeat(clients, BINARY, agent.host, NetworkHost.TOPIC, conf.report_interval),
        Job(REPAIR, conf.network.repair_interval, agent.repair),
        Job("network processes", PROCESSES_EVERY, agent.look_after_processes),
    ]
    nudger = _Nudger()
    parts: list[Part] = [_Start(agent, clients), server, nudger, Watch(nudger.nudge)]
    service = Service(NAME, parts, jobs)
    nudger.then = lambda: service.periodic.nudge(REPAIR)
    agent.look_again = nudger.nudge
    return service


def make_agent(conf: Any, clients: Clients) -> Agent:
    relay = Relay(
        conf.network.metadata_host,
        conf.network.metadata_port,
        conf.neutron.metadata_proxy_shared_secret,
    )
    return Agent(str(conf.host), settings(conf), Path(conf.network.files_path), relay, clients)


def settings(conf: Any) -> Settings:
    """What the configuration says, for the plan."""
    options = conf.network
    return Settings(
        tunnel_address=options.tunnel_address,
        table=names.table_name(str(Path(options.files_path).resolve())),
        tunnel_port=options.tunnel_port,
        transit=options.transit_cidr,
        external_device=options.external_device,
        physical=dict(options.physical_networks),
        resolvers=tuple(options.dns_servers or resolvers(Path("/etc/resolv.conf"))),
        domain=options.dns_domain,
        lease_seconds=options.dhcp_lease_time,
        reach_host=options.guests_reach_host,
        dnsmasq_options=tuple(options.dnsmasq_option),
        as_root=os.geteuid() == 0,
    )


def resolvers(path: Path) -> list[str]:
    """The host's name servers that can be reached from another namespace."""
    try:
        words = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []
    return list(_reachable(w[1] for w in words if len(w) > 1 and w[0] == "nameserver"))


def _reachable(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            continue
        if address.version == 4 and not address.is_loopback:
            yield str(address)


def check(conf: Any) -> None:
    """Raises ConfigurationError: an option that cannot be, or a program that is missing."""
    path = process.environment()["PATH"]
    for program in PROGRAMS:
        if shutil.which(program, path=path) is None:
            raise errors.ConfigurationError(
                option="[network] backend", reason=f"local needs {program}, which is not installed"
            )
    if not applier.filters_bridges():
        raise errors.ConfigurationError(
            option="[network] backend",
            reason="local needs the kernel's br_netfilter: modprobe br_netfilter",
        )
    try:
        block = ipaddress.ip_network(conf.network.transit_cidr)
    except ValueError as error:
        raise errors.ConfigurationError(
            option="[network] transit_cidr", reason=str(error)
        ) from error
    if block.version != 4 or block.num_addresses < 8:
        raise errors.ConfigurationError(
            option="[network] transit_cidr", reason="needs eight IPv4 addresses or more"
        )


def remove_all(conf: Any) -> str | None:
    """Take away all that the daemon has made on this host; what went wrong, or None."""
    folder = Path(conf.network.files_path)
    if not folder.exists():
        return None
    privileged.prepare(conf)
    try:
        applier.Applier(Memory(folder), settings(conf).table).remove()
    except Exception as error:
        return " ".join(str(error).split()) or type(error).__name__
    finally:
        privileged.context.stop()
    return None


class _Start:
    """The part that comes first: the state of before the last stop, then who we are."""

    def __init__(self, agent: Agent, clients: Clients) -> None:
        self._agent = agent
        self._clients = clients

    def start(self) -> None:
        try:
            self._agent.recall()
        except errors.Unavailable as error:
            LOG.error("%s", error.message)
        with use(service_context()) as context:
            concurrency.spawn(self._introduce, context)

    def _introduce(self, context: RequestContext) -> None:
        with use(context):
            self._agent.repair(context)

    def stop(self) -> None:
        """What was made stays: guests go on talking."""

    def wait(self, timeout: float | None = None) -> bool:
        return True


class _Nudger:
    """Passes on that something has changed, once for a swarm of changes."""

    def __init__(self) -> None:
        self.then = lambda: None
        self._changed = concurrency.Event()
        self._stopping = concurrency.Event()

    def start(self) -> None:
        concurrency.spawn(self._run)

    def nudge(self) -> None:
        self._changed.set()

    def stop(self) -> None:
        self._stopping.set()
        self._changed.set()

    def wait(self, timeout: float | None = None) -> bool:
        return True

    def _run(self) -> None:
        while True:
            self._changed.wait()
            if self._stopping.is_set():
                return
            clock.sleep(SETTLES)
            self._changed.clear()
            self.then()
