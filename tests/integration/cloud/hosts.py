# SPDX-License-Identifier: Apache-2.0
"""A distributed cloud: each host is a machine in a network namespace of its own, and beside them
one more has the broker, the databases and all the rest. That one is "outside" for guests, too.

    controller  10.200.0.1 (management), 203.0.113.1 (the router of the external network)
    host1       10.200.0.11 at eth0, eth1 to the external network without an address
    host2       10.200.0.12, and so on
"""

import contextlib
import os
import shutil
import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests

from nova_lite.backends.image.store import ImageStore
from nova_lite.domain.image import Image
from tests.fixtures.daemons import Daemon, DistributedCloud, Settings, family
from tests.fixtures.databases import sqlite_urls
from tests.fixtures.guest_image import guest_image
from tests.fixtures.process import free_port, make_folder, run
from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for
from tests.integration.cloud.lab import BOOT, COMMAND, Machine, entered
from tests.integration.network.lab import Namespace

CONTROLLER = "10.200.0.1"
ROUTER = "203.0.113.1"
OUTSIDE = "203.0.113.0/24"
PHYSICAL = "provider"
CHUNK = 1 << 20


class HostDaemon(Daemon):
    """One that runs on a machine."""

    def __init__(self, machine: Machine, *rest: Any) -> None:
        super().__init__(*rest)
        self.machine = machine

    def start(self, *words: Any) -> None:
        with entered(self.machine):
            super().start(*words)

    def launch(self) -> None:
        with entered(self.machine):
            super().launch()


def each(do: Callable[[Daemon], None], daemons: list[Daemon]) -> None:
    """All at a time; namespaces are entered by threads."""
    with ThreadPoolExecutor(len(daemons)) as pool:
        list(pool.map(do, daemons))


def crash(daemon: Daemon) -> None:
    """SIGKILL, with what is of its session: its workers, its privileged helper."""
    members = list(family(daemon.pid))
    os.killpg(daemon.pid, signal.SIGKILL)
    wait_for(lambda: not daemon.running(), COMMAND, f"{daemon.name} to be gone")
    wait_for(
        lambda: not any(_of_group(pid, daemon.pid) for pid in members), COMMAND, "its children"
    )


def _of_group(pid: int, group: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return words[0] != "Z" and int(words[2]) == group


class Refused(Exception):
    """A request was answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


class Project:
    """Somebody with a project, over REST. `token`: as noauth2 believes it."""

    def __init__(self, port: int, token: str) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._headers = {"X-Auth-Token": token, "OpenStack-API-Version": "compute 2.90"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """`path` begins with /v2.1/ or /network/v2.0/."""
        answer = requests.request(
            method, self._url + path, json=body, headers=self._headers, timeout=COMMAND
        )
        if answer.status_code >= 400:
            raise Refused(answer.status_code, answer.text)
        return answer.json() if answer.text else None

    def make(self, kind: str, **fields: Any) -> Any:
        """One more network, subnet, port, floatingip, security_group_rule..."""
        return self.call("POST", f"/network/v2.0/{kind.replace('_', '-')}s", {kind: fields})[kind]

    def find(self, kind: str, query: str = "") -> list[Any]:
        found = self.call("GET", f"/network/v2.0/{kind.replace('_', '-')}s?{query}")
        return list(found[f"{kind}s"])

    def remove(self, kind: str, uuid: str) -> None:
        self.call("DELETE", f"/network/v2.0/{kind.replace('_', '-')}s/{uuid}")

    def default_group(self) -> str:
        return str(self.find("security_group", "name=default")[0]["id"])

    def open(self, port: int, **fields: Any) -> str:
        """A rule of the default group for a TCP port; its id."""
        fields = {"port_range_min": port, "port_range_max": port, **fields}
        made = self.make(
            "security_group_rule", direction="ingress", protocol="tcp",
            security_group_id=self.default_group(), **fields,
        )  # fmt: skip
        return str(made["id"])

    def network(self, name: str, cidr: str) -> str:
        """With a subnet; its id."""
        made = str(self.make("network", name=name)["id"])
        self.make("subnet", network_id=made, cidr=cidr, ip_version=4)
        return made

    def boot(self, name: str, **fields: Any) -> str:
        body = {"name": name, "flavorRef": "tiny", **fields}
        return str(self.call("POST", "/v2.1/servers", {"server": body})["server"]["id"])

    def server(self, uuid: str) -> Any:
        return self.call("GET", f"/v2.1/servers/{uuid}")["server"]

    def console(self, uuid: str) -> str:
        body = {"os-getConsoleOutput": {}}
        try:
            answer = self.call("POST", f"/v2.1/servers/{uuid}/action", body)
        except Refused as error:
            if error.status in (404, 409):  # there is none yet
                return ""
            raise
        return str(answer["output"])

    def console_with(self, uuid: str, words: str, timeout: float = BOOT) -> str:
        """What the guest has said, once these words are in it."""
        last = ""

        def said() -> bool:
            nonlocal last
            last = self.console(uuid)
            if words not in last:
                shown = self.server(uuid)
                assert shown["status"] != "ERROR", shown["fault"]
            return words in last

        try:
            wait_for(said, timeout, f"{uuid} to say {words!r}")
        except TimeoutError as error:
            raise AssertionError(f"{error}; it said:\n{last[-2000:]}") from error
        return last


def add_outside(admin: Project) -> str:
    """The external network, whose router is the controller; its id."""
    fields = {
        "router:external": True,
        "provider:network_type": "flat",
        "provider:physical_network": PHYSICAL,
    }
    made = str(admin.make("network", name="outside", **fields)["id"])
    pool = {"start": "203.0.113.100", "end": "203.0.113.199"}
    admin.make(
        "subnet", network_id=made, cidr=OUTSIDE, ip_version=4, gateway_ip=ROUTER,
        enable_dhcp=False, allocation_pools=[pool],
    )  # fmt: skip
    return made


def give_floating(project: Project, server: str, outside: str) -> str:
    """A floating address for the server's port."""
    port = project.find("port", f"device_id={server}")[0]
    made = project.make("floatingip", floating_network_id=outside, port_id=port["id"])
    return str(made["floating_ip_address"])


class HostsCloud(DistributedCloud):
    """With real guests. Tests are on the controller while it is started."""

    def __init__(
        self, folder: Path, rabbit: RabbitServer, machines: list[Machine], more: Settings
    ) -> None:
        api, cell0, cell = sqlite_urls(folder)
        self._secret = uuid.uuid4().hex
        self.machines = machines
        metadata = str(free_port())
        common: Settings = {
            "DEFAULT": {
                "report_interval": "2",
                "service_down_time": "30",
                "cpu_allocation_ratio": "32.0",
                "disk_allocation_ratio": "16.0",  # disks are thin
                "metadata_listen": CONTROLLER,
                "metadata_listen_port": metadata,
                "metadata_workers": "1",
            },
            "network": {
                "backend": "local",
                "metadata_host": CONTROLLER,
                "metadata_port": metadata,
                "physical_networks": f"{PHYSICAL}:eth1",
            },
            "neutron": {"metadata_proxy_shared_secret": self._secret},
        }
        for section, options in more.items():
            common.setdefault(section, {}).update(options)
        one = {"api_workers": 1, "conductors": 1, "computes": 0}
        super().__init__(
            rabbit.url, api, cell, cell0_database=cell0, settings=common, folder=folder, **one
        )
        self._add("metadata", "metadata", 1, {})
        for number, machine in enumerate(machines, 1):
            self._add_host(number, machine)

    def _add_host(self, number: int, machine: Machine) -> None:
        own: Settings = {
            "DEFAULT": {
                "my_ip": f"10.200.0.{10 + number}",
                "compute_driver": "libvirt.LibvirtDriver",
                "instances_path": self.folder / "instances" / f"host{number}",
            },
            "libvirt": {"virt_type": "qemu", "connection_uri": machine.libvirtd.uri},
        }
        for kind in ("network", "compute"):
            name = f"{kind}{number}"
            settings = self._settings(kind, f"host{number}", own)
            self.daemons[name] = HostDaemon(machine, name, kind, self.folder, settings)

    def start(self) -> None:
        self.prepare()
        self.daemons["conductor1"].start()
        each(lambda daemon: daemon.start(), [d for d in self.daemons.values() if not d.running()])
        wait_for(self.hosts_up, COMMAND, "compute hosts to report")

    def stop_daemons(self) -> None:
        """Those of hosts first, which tell the others."""
        all_of_them = self.daemons.values()
        for there in (True, False):
            some = [d for d in all_of_them if isinstance(d, HostDaemon) is there]
            each(lambda daemon: daemon.stop(), some)

    def remove_networks(self) -> None:
        """What the daemons have made, and what goes on without them."""
        made = [d for d in self.daemons.values() if d.name.startswith("network")]
        each(_remove_network, made)

    def project(self, name: str, user: str = "owner", roles: str = "member") -> Project:
        return Project(self.port, f"{user}:{name}:{roles}")

    def admin(self, name: str = "admin") -> Project:
        return Project(self.port, f"admin:{name}:admin")

    def add_guest_image(self) -> str:
        image = Image(
            id=str(uuid.uuid4()), name="guest", visibility="public", disk_format="qcow2",
            container_format="bare",
        )  # fmt: skip
        store = ImageStore(self.folder / "images")
        store.create(image)
        with guest_image().open("rb") as file:
            store.upload(image.id, iter(lambda: file.read(CHUNK), b""))
        return image.id

    def words(self) -> str:
        """The ends of all logs."""
        return "\n".join(f"--- {d.name}\n{d.tail()}" for d in self.daemons.values())


def _remove_network(daemon: Daemon) -> None:
    assert isinstance(daemon, HostDaemon)
    daemon.write_config()  # it may not have been started yet
    command = [sys.executable, "-m", "nova_lite.cmd.network", "--remove"]
    with entered(daemon.machine):
        run([*command, "--config-file", str(daemon.config)])


def _wire(controller: Namespace, machine: Machine, number: int) -> None:
    """eth0 and eth1 of the machine into the controller's bridges."""
    for device, bridge in (("eth0", "manage"), ("eth1", PHYSICAL)):
        end = f"h{number}{device}"
        peer = f"peer name {device} netns {machine.pid}"
        controller.run(f"ip link add {end} type veth {peer}")
        controller.run(f"ip link set {end} master {bridge} up")
        machine.run(f"ip link set {device} up")
    machine.run(f"ip address add 10.200.0.{10 + number}/24 dev eth0")
    machine.run(f"ip route add default via {CONTROLLER}")


def _controller() -> Namespace:
    made = Namespace()
    for bridge, address in (("manage", CONTROLLER), (PHYSICAL, ROUTER)):
        made.run(f"ip link add {bridge} type bridge")
        made.run(f"ip address add {address}/24 dev {bridge}")
        made.run(f"ip link set {bridge} up")
    return made


@contextlib.contextmanager
def hosts_cloud(number: int, more: Settings | None = None) -> Iterator[HostsCloud]:
    """So many hosts; everything is ended at the end, guests included. `more`: options of all."""
    guest_image()  # where it is not built yet: apt reaches nothing from inside
    with contextlib.ExitStack() as stack:
        controller = _controller()
        stack.callback(controller.end)
        machines = []
        for one in range(1, number + 1):
            machines.append(Machine())
            stack.callback(machines[-1].end)
            _wire(controller, machines[-1], one)
            machines[-1].start_libvirtd()
        stack.enter_context(entered(controller))
        rabbit = RabbitServer(address=CONTROLLER)
        stack.callback(rabbit.stop)
        rabbit.start()
        folder = make_folder("hosts")
        stack.callback(shutil.rmtree, folder)
        cloud = HostsCloud(folder, rabbit, machines, more or {})
        for step in (cloud.remove_networks, cloud.stop_daemons):
            stack.callback(step)
        cloud.start()
        yield cloud
