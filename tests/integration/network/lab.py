# SPDX-License-Identifier: Apache-2.0
"""Hosts and guests that are network namespaces of this machine: nothing of its own network is
touched. A guest is one end of a pair of devices, whose other end is its tap."""

import configparser
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from nova_lite.base import process
from nova_lite.domain.network import (
    AddressRange,
    Direction,
    HostFloating,
    HostNetwork,
    HostNetworks,
    HostPort,
    HostRule,
    Network,
    NetworkMode,
    PortAddress,
    RemotePort,
    Subnet,
    bridge_name,
    tap_name,
)
from tests.fixtures.network_conductor import AWAY, CONTROL, NETWORKS, UP
from tests.fixtures.process import children_of
from tests.fixtures.wait import wait_for

ROOT = Path(__file__).resolve().parents[3]
START = 60.0
BUSYBOX = "busybox"
MTU = 1450

OUT = [HostRule(direction=Direction.EGRESS, version=v) for v in (4, 6)]
EVERYTHING = [*OUT, *(HostRule(direction=Direction.INGRESS, version=v) for v in (4, 6))]


class Namespace:
    """A network namespace, kept by a process."""

    def __init__(self) -> None:
        self._keeper = subprocess.Popen(
            ["unshare", "--net", "sleep", "infinity"], start_new_session=True
        )
        own = os.stat("/proc/self/ns/net").st_ino
        path = f"/proc/{self.pid}/ns/net"
        wait_for(lambda: os.stat(path).st_ino != own, 10, "a namespace")
        wait_for(lambda: b"sleep" in Path(f"/proc/{self.pid}/cmdline").read_bytes()[:5], 10, "it")
        self.run("ip link set lo up")

    @property
    def pid(self) -> int:
        return self._keeper.pid

    def command(self, words: list[str]) -> list[str]:
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--", *words]

    def run(self, line: str, check: bool = True, timeout: float = 30) -> str:
        done = subprocess.run(
            self.command(line.split()),
            capture_output=True,
            text=True,
            timeout=timeout,
            env=process.environment(),
        )
        if check and done.returncode:
            raise AssertionError(f"{line}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def succeeds(self, line: str, timeout: float = 30) -> bool:
        done = subprocess.run(
            self.command(line.split()), capture_output=True, timeout=timeout,
            env=process.environment(),
        )  # fmt: skip
        return done.returncode == 0

    def python(self, code: str, *arguments: str) -> str:
        done = subprocess.run(
            self.command([sys.executable, "-c", code, *arguments]),
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, words: list[str], **options: Any) -> "subprocess.Popen[Any]":
        return subprocess.Popen(
            self.command(words), stdin=subprocess.DEVNULL, env=process.environment(), **options
        )

    def pings(self, address: str, source: str | None = None) -> bool:
        """One echo within two seconds."""
        extra = f" -I {source}" if source else ""
        return self.succeeds(f"{BUSYBOX} ping -c 1 -W 2{extra} {address}")

    def end(self) -> None:
        self._keeper.kill()
        self._keeper.wait()


class Guest(Namespace):
    """`port` as the host has it; the address comes from DHCP, or by `take_address`."""

    def __init__(self, host: "Host", port: HostPort) -> None:
        super().__init__()
        self.port = port
        self.host = host
        self.address = port.addresses[0].address if port.addresses else ""
        self.tap = tap_name(port.id)
        self._servers: list[subprocess.Popen[Any]] = []
        host.run(
            f"ip link add {self.tap} mtu {MTU} type veth "
            f"peer name eth0 mtu {MTU} address {port.mac} netns {self.pid}"
        )
        host.run(f"ip link set {self.tap} master {bridge_name(port.network_id)} up")
        self.run("ip link set eth0 up")

    def take_address(self, gateway: str | None = "10.0.0.1") -> None:
        self.run(f"ip address add {self.address}/24 dev eth0")
        if gateway:
            self.run(f"ip route add default via {gateway}")

    def dhcp(self, script: Path, tries: int = 3) -> dict[str, str]:
        """What the server gave, by the names of udhcpc; {} for nothing."""
        line = f"{BUSYBOX} udhcpc -i eth0 -n -q -t {tries} -T 2 -s {script} -O 26 -O staticroutes"
        text = self.run(line, check=False, timeout=60)
        return dict(row.split("=", 1) for row in text.splitlines() if "=" in row)

    def serve(self, port: int, *command: str) -> None:
        """Answer TCP connections at a port: with one line, or what a command says."""
        answer = command or ("echo", "hello")
        words = [BUSYBOX, "nc", "-ll", "-p", str(port), "-e", *answer]
        self._servers.append(self.start(words))
        wait_for(lambda: f":{port} " in self.run("ss -tln"), 10, f"port {port}")

    def asks(self, address: str, port: int) -> bool:
        """Whether a server answers there."""
        code = (
            "import socket,sys\n"
            "s=socket.create_connection((sys.argv[1],int(sys.argv[2])),2)\n"
            "s.settimeout(2); sys.exit(s.recv(9)[:5]!=b'hello')"
        )
        words = [sys.executable, "-c", code, address, str(port)]
        return subprocess.run(self.command(words), capture_output=True).returncode == 0

    def end(self) -> None:
        for server in self._servers:
            # what it runs for a connection that nobody ended
            for child in children_of(server.pid):
                os.kill(child, signal.SIGKILL)
            server.kill()
            server.wait()
        super().end()


class Host(Namespace):
    """A host with its network daemon, which is told by a file what there is."""

    def __init__(
        self,
        folder: Path,
        name: str = "h1",
        options: dict[str, str] | None = None,
        user: int = 0,
    ) -> None:
        super().__init__()
        self.name = name
        self.user = user
        self.folder = folder
        self._options = options or {}
        folder.mkdir(parents=True)
        os.chown(folder, user, user)
        self.networks: list[HostNetwork] = []
        self.more: dict[str, Any] = {}
        self.generation = 0
        self.guests: list[Guest] = []
        self.daemon: subprocess.Popen[Any] | None = None
        given = {"repair_interval": "3600", "dns_servers": "192.0.2.53", **(options or {})}
        lines = "".join(f"{key} = {value}\n" for key, value in given.items())
        self.config = folder / "nova.conf"
        self.config.write_text(
            f"[DEFAULT]\nhost = {name}\nmy_ip = 127.0.0.1\nstate_path = {folder}\n"
            f"transport_url = memory://\ndebug = true\nlog_file = {folder}/log\n"
            f"[network]\nbackend = local\n{lines}"
            "[neutron]\nmetadata_proxy_shared_secret = s3cret\n"
        )

    # --- what the conductor says --------------------------------------------------------------

    def say(self, *networks: HostNetwork, **more: Any) -> None:
        self.networks = list(networks)
        self.more = more
        self.generation += 1
        value = HostNetworks(generation=self.generation, networks=self.networks, **more)
        part = self.folder / "part"
        part.write_bytes(msgspec.json.encode(value))
        part.replace(self.folder / NETWORKS)

    def ensure(self, *networks: HostNetwork, **more: Any) -> None:
        """Say so, and wait until it is there."""
        self.say(*networks, **more)
        answer = self.call(
            "ensure",
            network_ids=[n.network.id for n in networks],
            port_ids=[p.id for n in networks for p in n.ports],
        )
        assert "ok" in answer, answer

    def call(self, method: str, **values: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as channel:
            channel.settimeout(60)
            channel.connect(str(self.folder / CONTROL))
            with channel.makefile("rw") as lines:
                lines.write(json.dumps({"method": method, "values": values}) + "\n")
                lines.flush()
                return dict(json.loads(lines.readline()))

    def reported(self) -> list[str]:
        path = self.folder / UP
        return list(json.loads(path.read_text())) if path.exists() else []

    def conductor_is_away(self, away: bool) -> None:
        path = self.folder / AWAY
        path.touch() if away else path.unlink(missing_ok=True)

    # --- the daemon ---------------------------------------------------------------------------

    def start_daemon(self) -> None:
        if not (self.folder / NETWORKS).exists():
            self.say()
        command = [sys.executable, "-m", "tests.fixtures.network_conductor"]
        command += ["--config-file", str(self.config), "--folder", str(self.folder)]
        (self.folder / CONTROL).unlink(missing_ok=True)
        environment = {**process.environment(), "PYTHONPATH": str(ROOT)}
        with (self.folder / "output").open("ab") as output:
            self.daemon = subprocess.Popen(
                self.command([*self._as_user(), *command]), stdout=output, stderr=output,
                env=environment, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        wait_for(self._is_ready, START, f"the daemon of {self.name}: {self.words()}")

    def _as_user(self) -> list[str]:
        """As the service is started: with its capabilities and no other."""
        if not self.user:
            return []
        unit = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=False)
        unit.read(ROOT / "etc" / "systemd" / "nova-lite-network.service", encoding="utf-8")
        names = unit["Service"]["AmbientCapabilities"].lower().split()
        few = ",".join(f"+{name.removeprefix('cap_')}" for name in names)
        return [
            "setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups",
            "--no-new-privs", f"--bounding-set=-all,{few}", f"--inh-caps={few}",
            f"--ambient-caps={few}",
        ]  # fmt: skip

    def _is_ready(self) -> bool:
        assert self.daemon is not None
        assert self.daemon.poll() is None, self.words()
        log = self.folder / "log"
        ready = log.exists() and "nova-lite-network is ready" in log.read_text()
        return ready and (self.folder / CONTROL).exists()

    def words(self) -> str:
        parts = [self.folder / "output", self.folder / "log"]
        return "".join(p.read_text()[-3000:] for p in parts if p.exists())

    def stop_daemon(self, number: int = signal.SIGTERM) -> None:
        """SIGKILL: with what it started to help it, as a crash of the service would."""
        if self.daemon is None:
            return
        if number == signal.SIGKILL:
            os.killpg(self.daemon.pid, number)
        else:
            self.daemon.send_signal(number)
        self.daemon.wait(timeout=60)
        self.daemon = None
        log = self.folder / "log"
        log.rename(log.with_name(f"log.{uuid.uuid4().hex[:6]}"))

    def remove(self) -> None:
        """What an operator does who takes the daemon away for good."""
        environment = {**process.environment(), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "nova_lite.cmd.network", "--remove"]
        done = subprocess.run(
            self.command([*command, "--config-file", str(self.config)]),
            capture_output=True, text=True, env=environment, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def guest(self, port: HostPort) -> Guest:
        made = Guest(self, port)
        self.guests.append(made)
        return made

    def state(self) -> Path:
        path = self._options.get("files_path", "$state_path/network")
        return Path(path.replace("$state_path", str(self.folder)))

    def end(self) -> None:
        self.stop_daemon()
        for path in self.state().glob("*/*.pid"):
            with contextlib.suppress(OSError, ValueError):
                os.kill(int(path.read_text().split()[0]), signal.SIGKILL)
        for guest in self.guests:
            guest.end()
        super().end()


# --- values -----------------------------------------------------------------------------------


def uid(number: int) -> str:
    """Ids that differ early, as those of the real world."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"nova-lite test {number}"))


def network(number: int = 1, *, ports: list[HostPort] | None = None, cidr: str = "10.0.0.0/24",
            gateway: str | None = "10.0.0.1", remotes: list[RemotePort] | None = None,
            more_subnets: list[Subnet] | None = None, subnet: dict[str, Any] | None = None,
            **fields: Any) -> HostNetwork:  # fmt: skip
    own = uid(number)
    values = {"mode": NetworkMode.VXLAN, "segment": 1000 + number, "mtu": MTU, **fields}
    base = Subnet(
        id=uid(1000 + number), network_id=own, project_id="p", cidr=cidr, gateway=gateway,
        pools=[AddressRange(start="10.0.0.2", end="10.0.0.254")], **(subnet or {}),
    )  # fmt: skip
    return HostNetwork(
        network=Network(id=own, project_id=f"p{number}", **values),
        subnets=[base, *(more_subnets or [])],
        ports=ports or [],
        remotes=remotes or [],
    )


def port(
    number: int, network_number: int = 1, address: str | None = None, **fields: Any
) -> HostPort:
    address = address or f"10.0.0.{10 + number}"
    return HostPort(
        **{
            "id": uid(2000 + number),
            "network_id": uid(network_number),
            "instance_id": uid(3000 + number),
            "project_id": f"p{network_number}",
            "mac": f"fa:16:3e:00:00:{number:02x}",
            "addresses": [PortAddress(subnet_id=uid(1000 + network_number), address=address)],
            "hostname": f"guest-{number}",
            "rules": EVERYTHING,
            **fields,
        }
    )


def floating(address: str, of: HostPort, external: int = 9) -> HostFloating:
    return HostFloating(
        address=address,
        fixed_address=of.addresses[0].address,
        port_id=of.id,
        external_network=uid(external),
    )


@contextlib.contextmanager
def ended(*things: Namespace) -> Iterator[None]:
    try:
        yield
    finally:
        for thing in things:
            thing.end()
