# SPDX-License-Identifier: Apache-2.0
"""Every service in one process: what `nova-lite up` starts.

SQLite, the in-process bus, the local image store. The same service objects as the daemons.
"""

import argparse
import importlib.metadata
import importlib.util
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from nova_lite.cmd.folder import Folder
from nova_lite.cmd.startup import begin

PROG = "nova-lite"
LIBVIRT, FAKE = "libvirt.LibvirtDriver", "fake.FakeDriver"
PROBE = "nova_lite.virt.libvirt.probe"
PROBE_REFUSED: Final = 3  # its exit code
PROBE_TIMEOUT: Final = 30.0  # seconds; a libvirtd that is not there is noticed at once
MOST_PORT: Final = 65535
NETWORK_PROGRAMS = ("ip", "bridge", "nft", "dnsmasq")
NO_LIBVIRT = (
    "guests are faked, because {reason}. For real ones see 'nova-lite doctor', then "
    "'nova-lite down' and 'nova-lite up'."
)
HAS_GUESTS = "{reason}. Guests of {place} are real: for faked ones say --driver fake"


def main() -> None:
    args = _arguments()
    folder = Folder(args.data.resolve())
    files = ["--config-file", str(folder.config), "--config-file", str(folder.own_config)]
    reason = _prepare(folder, args, files)
    folder.warn(NO_LIBVIRT.format(reason=reason) if reason else None)
    conf = begin(PROG, files)
    folder.write_clouds(listen=args.listen, port=args.port, network=conf.network.backend)
    if reason:
        logging.getLogger(__name__).warning("%s", NO_LIBVIRT.format(reason=reason))
    # Only now, on the patched standard library:
    from nova_lite.base import service

    service.run(PROG, conf, lambda: assemble(conf))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="nova-lite-embedded", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--driver", choices=("auto", "libvirt", "fake"), default="auto")
    parser.add_argument("--listen", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=8774)
    return parser.parse_args()


def _port(text: str) -> int:
    """One that clients can be told of: not 0, which means any that is free."""
    port = int(text) if text.isdecimal() else 0
    if not 1 <= port <= MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is no port: 1 to {MOST_PORT}")
    return port


def _prepare(folder: Folder, args: argparse.Namespace, files: Sequence[str]) -> str | None:
    """Write the configuration. Returns why guests are faked although nobody asked for that; ends
    the process where they must not be."""

    def write(driver: str) -> None:
        network = choose_network(driver)
        folder.prepare(driver=driver, listen=args.listen, port=args.port, network=network)

    driver, reason = choose_driver(args.driver)
    if driver == LIBVIRT:
        write(driver)
        reason = objection_to_libvirt(files)
    if reason is None:
        if driver != LIBVIRT:
            write(driver)
        return None
    if args.driver == "libvirt":
        _refuse(reason)
    if folder.has_guests():
        _refuse(HAS_GUESTS.format(reason=reason, place=folder.root))
    write(FAKE)
    return reason


def _refuse(why: str) -> NoReturn:
    sys.stderr.write(f"{PROG}: {why}\n")
    raise SystemExit(1)


def objection_to_libvirt(files: Sequence[str], timeout: float = PROBE_TIMEOUT) -> str | None:
    """Why there would be no guests with this configuration, None where there would. Asked by a
    process of its own: a libvirtd that hangs holds whoever asks it."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", PROBE, *files],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"libvirt did not answer within {timeout:.0f} s, see the log of libvirtd"
    # Whatever else is wrong, the services will say.
    return done.stdout.strip() if done.returncode == PROBE_REFUSED else None


def choose_driver(wanted: str) -> tuple[str, str | None]:
    """(compute_driver, why `auto` fell back to the fake one)."""
    if wanted == "fake":
        return FAKE, None
    if wanted == "libvirt":
        return LIBVIRT, None
    if importlib.util.find_spec("libvirt") is None:
        return FAKE, "libvirt's Python binding is not installed"
    if shutil.which("qemu-img") is None:
        return FAKE, "qemu-img is not installed"
    if shutil.which("libvirtd", path="/usr/sbin:/usr/bin:/sbin") is None:
        return FAKE, "libvirt's daemon is not installed"
    return LIBVIRT, None


def choose_network(driver: str) -> str:
    """The built-in network for real guests where we may make it; else the hypervisor's own."""
    path = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
    installed = all(shutil.which(program, path=path) for program in NETWORK_PROGRAMS)
    filtered = Path("/proc/sys/net/bridge").exists()
    known = importlib.metadata.entry_points(group="nova_lite.network.backends", name="local")
    real = driver == LIBVIRT and os.geteuid() == 0
    return "local" if real and installed and filtered and known else "user"


def assemble(conf: Any) -> Any:
    """All services as one; databases are brought to their newest revision first."""
    from nova_lite.api import serve
    from nova_lite.api.metadata.service import build as build_metadata
    from nova_lite.base import service
    from nova_lite.compute.service import build as build_compute
    from nova_lite.conductor import provision
    from nova_lite.conductor.service import build as build_conductor
    from nova_lite.console.service import build_novnc, build_serial, build_spice
    from nova_lite.rpc.clients import Clients
    from nova_lite.rpc.transport import make_bus
    from nova_lite.scheduler.service import build as build_scheduler

    serve.preload(conf)
    provision.set_up(conf)
    bus = make_bus(conf)
    clients = Clients.from_conf(bus, conf)
    builders = [build_conductor, build_scheduler, build_compute, serve.build, build_metadata]
    builders += [build_novnc, build_serial]
    if conf.spice.enabled:
        builders.append(build_spice)
    real = conf.compute_driver not in ("fake", FAKE)
    if conf.network.backend == "local" and real and os.geteuid() == 0:
        from nova_lite.network.service import build as build_network

        # a guest that compute recovers is plugged into what is there already
        builders.insert(2, build_network)
    return service.Service(PROG, [build(conf, bus, clients) for build in builders])


if __name__ == "__main__":
    main()
