# SPDX-License-Identifier: Apache-2.0
"""One compute host: its driver, what is known of it, and its calls. A process may hold many."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from nova_lite.backends.image.port import ImagePort
from nova_lite.base import clock, concurrency
from nova_lite.base.context import RequestContext, service_context, use
from nova_lite.compute import identity
from nova_lite.compute.actions.build import BuildActions
from nova_lite.compute.actions.console import ConsoleActions
from nova_lite.compute.actions.images import ImageActions
from nova_lite.compute.actions.inside import InsideActions
from nova_lite.compute.actions.interfaces import InterfaceActions
from nova_lite.compute.actions.power import PowerActions
from nova_lite.compute.actions.rebuild import RebuildActions
from nova_lite.compute.actions.rescue import RescueActions
from nova_lite.compute.actions.snapshots import SnapshotActions
from nova_lite.compute.actions.ssh import SshActions
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.configdrive import DriveFiles
from nova_lite.compute.drivers import call
from nova_lite.compute.recover import Recovery
from nova_lite.compute.roots import Roots
from nova_lite.compute.strays import Strays
from nova_lite.compute.sync import PowerSync
from nova_lite.compute.tracker import Tracker
from nova_lite.domain import errors
from nova_lite.domain.host import ComputeNode, GuestSeen
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.contracts.compute import Compute
from nova_lite.rpc.heartbeat import beat
from nova_lite.rpc.port import Bus
from nova_lite.rpc.server import RpcServer
from nova_lite.virt.driver import Driver

LOG = logging.getLogger(__name__)
T = TypeVar("T")

BINARY: Final = "nova-compute"
FIRST_PAUSE: Final = 1.0  # seconds between tries to reach what is not there yet; doubled up to
LONGEST_PAUSE: Final = 30.0


class ComputeHost:
    """A part of the daemon: see base/service.py. `start` returns when the host takes calls; it
    waits for the hypervisor and for the conductor, with a line in the log for each try."""

    def __init__(
        self,
        conf: Any,
        name: str,
        driver: Driver,
        roots: Roots,
        images: ImagePort,
        bus: Bus,
        clients: Clients,
        *,
        alone: bool = True,
    ) -> None:
        """`alone`: the only host of this process."""
        self.name = name
        self.driver = driver
        self._conf = conf
        self._clients = clients
        conductor = clients.conductor
        self.calls = InstanceCalls()
        self.tracker = Tracker(conf, name, driver, conductor)
        self.sync = PowerSync(name, driver, self.calls, conductor)
        self.strays = Strays(conf, name, driver, self.calls, conductor)
        drives = DriveFiles(conf)
        self._builds = BuildActions(
            conf, driver, roots, self.calls, self.tracker, self.sync, drives
        )
        self._power = PowerActions(driver, self.calls, self.sync)
        self._interfaces = InterfaceActions(driver, self.calls)
        self._inside = InsideActions(driver, self.calls)
        self._console = ConsoleActions(conf, driver)
        self._ssh = SshActions(driver)
        self._images = ImageActions(roots)
        self._snapshots = SnapshotActions(driver, images, self.calls, conf.max_concurrent_snapshots)
        self._rebuilds = RebuildActions(driver, roots, self.calls, self.tracker, self.sync, drives)
        self._rescues = RescueActions(conf, driver, roots, self.calls, self.sync, drives)
        self._stopping = concurrency.Event()
        self.recovering: concurrency.Task[None] | None = None  # once started
        self._recovery = Recovery(
            conf, name, self._power, self.sync, conductor, self._stopping.is_set
        )
        self._identity = identity.path_of(Path(conf.state_path), name, alone=alone)
        self._server = RpcServer(bus, Compute, self.endpoint(), name)

    def endpoint(self) -> Mapping[str, Callable[..., Any]]:
        """The calls of the contract, by name. Those that are a life-cycle action are called
        like it."""
        return {
            "build": self._builds.build,
            "destroy": self._builds.destroy,
            "start": self._power.start,
            "stop": self._power.stop,
            "reboot": self._power.reboot,
            "reboot_hard": self._power.reboot_hard,
            "pause": self._power.pause,
            "unpause": self._power.unpause,
            "suspend": self._power.suspend,
            "resume": self._power.resume,
            "attach_interface": self._interfaces.attach_interface,
            "detach_interface": self._interfaces.detach_interface,
            "set_password": self._inside.set_password,
            "trigger_crash_dump": self._inside.trigger_crash_dump,
            "get_diagnostics": self._inside.get_diagnostics,
            "rebuild": self._rebuilds.rebuild,
            "rescue": self._rescues.rescue,
            "unrescue": self._rescues.unrescue,
            "take_snapshot": self._snapshots.take_snapshot,
            "upload_snapshot": self._snapshots.upload_snapshot,
            "drop_snapshot": self._snapshots.drop_snapshot,
            "cache_image": self._images.cache_image,
            "get_power_state": self._power.get_power_state,
            "get_console_output": self._console.get_console_output,
            "get_console": self._console.get_console,
            "get_ssh_address": self._ssh.get_ssh_address,
            "list_guests": self._list_guests,
            "ping": self._ping,
        }

    def _list_guests(self, context: RequestContext) -> list[GuestSeen]:
        return call(self.driver, self.driver.list_guests)

    def _ping(self, context: RequestContext) -> str:
        return self.name

    # --- the part -------------------------------------------------------------------------

    def start(self) -> None:
        """Raises ConfigurationError: wrong options, or a host that is not who it was."""
        with use(service_context()) as context:
            self._insist(lambda: call(self.driver, self.driver.start, self.name))
            self._insist(lambda: self._identify(context))
            if self._conf.workarounds.handle_virt_lifecycle_events:
                self.sync.listen()
            self._insist(lambda: self._introduce(context))
        if not self._stopping.is_set():
            self._server.start()
            self.recovering = concurrency.spawn(self._recover)

    def stop(self) -> None:
        self._stopping.set()
        self.tracker.close()
        self._server.stop()

    def wait(self, timeout: float | None = None) -> bool:
        return self._server.wait(timeout)

    def _identify(self, context: RequestContext) -> None:
        """Find out, or make up, under which uuid this host is known."""
        nodes = call(self.driver, self.driver.nodes)
        if len(nodes) != 1:
            return  # the driver knows many machines, and names them itself
        node, path = nodes[0], self._identity
        found = identity.read(path)
        conductor = self._clients.conductor
        known: list[ComputeNode] = conductor.list_compute_nodes(context, hostname_pattern=node)
        if found is not None:
            known = [*known, *conductor.list_compute_nodes(context, uuid=found)]
        identity.check(path, found, self.name, node, known)
        if found is None:
            found = call(self.driver, self.driver.report, node).node_uuid
            identity.write(path, found)
            LOG.info("%s is new; its identity %s is in %s", self.name, found, path)
        self.tracker.identify(node, found)

    def _introduce(self, context: RequestContext) -> None:
        """Tell the conductor that there is such a host, and what it has."""
        beat(context, self._clients, BINARY, self.name, Compute.TOPIC)
        self.tracker.report(context)

    def _recover(self) -> None:
        with use(service_context()) as context:
            try:
                self._insist(lambda: self._recovery.run(context))
            except Exception:
                LOG.exception("%s did not recover all of its servers", self.name)
            if not self._stopping.is_set():
                self._recovery.over(context)

    def _insist(self, fn: Callable[[], object]) -> None:
        """Call until what it needs is there, or the daemon is told to stop."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                fn()
                return
            except errors.Unavailable as error:
                LOG.warning("%s waits: %s; next try in %.0f s", self.name, error.message, pause)
            deadline = clock.monotonic() + pause
            while clock.monotonic() < deadline and not self._stopping.is_set():
                clock.sleep(0.1)
            pause = min(pause * 2, LONGEST_PAUSE)
