# SPDX-License-Identifier: Apache-2.0
"""From POST /servers to a login by ssh, stage by stage, with real guests.

    python -m bench.boot [--boots 5] [--json FILE]

As root: embedded mode, libvirt, the built-in network, in network namespaces of its own. A guest
is reached at a floating address, with the key that it got from the metadata service. The first
boot downloads the image and finds no network; it is shown by itself. Stages are read from the
service's log.
"""

import argparse
import base64
import contextlib
import datetime as dt
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.meter import Row, median, table
from tests.fixtures.guest_image import guest_image
from tests.fixtures.wait import wait_for
from tests.integration.cloud.lab import SSH, Client, Embedded

OUTSIDE: Final = "203.0.113.0/24"
PATIENCE: Final = 300.0
LINE: Final = r"^(?P<at>\S+ \S+) .*"
STEP: Final = LINE + r"build of (?P<uuid>\S+): (?P<name>\w+) (?P<took>[\d.]+) s\b"
IMAGE: Final = LINE + r"\[instance: (?P<uuid>\S+)\] Had its image in (?P<took>[\d.]+) s\b"
BUILT: Final = LINE + r"\[instance: (?P<uuid>\S+)\] Built in (?P<took>[\d.]+) s\b"


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. answered: until 202; spawn: disks, definition, start of QEMU; guest: from there
    to a login; other: messages and rows between the stages."""

    answered: float
    scheduling: float
    network: float
    image: float
    spawn: float
    other: float
    guest: float
    total: float


class TalkativeCloud(Embedded):
    def __init__(self) -> None:
        super().__init__()
        self._variables["OS_DEFAULT__DEBUG"] = "true"

    def whole_log(self) -> str:
        return (self.home / "log" / "nova-lite.log").read_text(errors="replace")


class Api:
    """The REST APIs of a cloud, by one connection for each call."""

    def __init__(self, home: Path) -> None:
        cloud = json.loads((home / "clouds.yaml").read_text())["clouds"]["nova-lite"]
        self.compute = cloud["compute_endpoint_override"]
        self.network = cloud["network_endpoint_override"] + "/v2.0"
        words = f"{cloud['auth']['username']}:{cloud['auth']['password']}"
        self._authorization = "Basic " + base64.b64encode(words.encode()).decode()

    def call(self, method: str, url: str, body: Any = None) -> Any:
        asked = urllib.request.Request(
            url,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": self._authorization,
                "Content-Type": "application/json",
                "OpenStack-API-Version": "compute 2.90",
            },
        )
        with urllib.request.urlopen(asked, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None


def measure(cloud: TalkativeCloud, client: Client, key: Path, boots: int) -> list[Boot]:
    api = Api(cloud.home)
    shown = {kind: client.json(kind, "show", name)["id"] for kind, name in (
        ("flavor", "tiny"), ("image", "guest"), ("network", "private"))}  # fmt: skip
    outside = client.json("network", "show", "outside")["id"]
    found, before = [], ""
    for number in range(boots):
        boot, server = one(cloud, api, key, shown, outside, f"boot{number}")
        found.append(boot)
        if before:  # there always is one, so that the host keeps its network
            api.call("DELETE", f"{api.compute}/servers/{before}")
        before = server
    return found


def one(
    cloud: TalkativeCloud, api: Api, key: Path, of: dict[str, str], outside: str, name: str
) -> tuple[Boot, str]:
    """The figures, and the id of the server."""
    server = {
        "name": name,
        "flavorRef": of["flavor"],
        "imageRef": of["image"],
        "key_name": "mine",
        "networks": [{"uuid": of["network"]}],
    }
    began = time.time()
    made = api.call("POST", f"{api.compute}/servers", {"server": server})["server"]["id"]
    answered = time.time()

    def there() -> bool:
        found = api.call("GET", f"{api.compute}/servers/{made}")["server"]
        if found["status"] == "ERROR":
            raise AssertionError(f"{found['fault']}\n{cloud.log()}")
        return bool(found["status"] == "ACTIVE")

    wait_for(there, PATIENCE, f"{name} to be ACTIVE")
    (port,) = api.call("GET", f"{api.network}/ports?device_id={made}")["ports"]
    floating = {"floating_network_id": outside, "port_id": port["id"]}
    floating = api.call("POST", f"{api.network}/floatingips", {"floatingip": floating})
    address = floating["floatingip"]["floating_ip_address"]
    log_in(key, address)
    ended = time.time()
    result = _stages(cloud.whole_log(), made, began, answered, ended)
    api.call("DELETE", f"{api.network}/floatingips/{floating['floatingip']['id']}")
    return result, made


def log_in(key: Path, address: str) -> None:
    """When its ssh server listens, one login; as soon as the key is there."""

    def tried() -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection((address, 22), timeout=0.5).close()
            words = [*SSH, "-i", str(key), f"root@{address}", "true"]
            return (
                subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 0
            )
        return False

    wait_for(tried, PATIENCE, f"a login at {address}")


def _stages(log: str, uuid: str, began: float, answered: float, ended: float) -> Boot:
    steps: dict[str, float] = {}
    for found in re.finditer(STEP, log, re.MULTILINE):
        if found["uuid"] == uuid:
            steps[found["name"]] = steps.get(found["name"], 0.0) + float(found["took"])
    image = _last(IMAGE, log, uuid)
    built = _last(BUILT, log, uuid)
    running = dt.datetime.strptime(built["at"], "%Y-%m-%d %H:%M:%S.%f").timestamp()
    parts = {
        "scheduling": steps["choose_host"] + steps["claim"],
        "network": steps["ports"],
        "image": float(image["took"]),
        "spawn": float(built["took"]) - float(image["took"]),
    }
    other = running - answered - sum(parts.values())
    return Boot(
        answered=answered - began,
        other=max(0.0, other),
        guest=ended - running,
        total=ended - began,
        **parts,
    )


def _last(pattern: str, log: str, uuid: str) -> re.Match[str]:
    found = [m for m in re.finditer(pattern, log, re.MULTILINE) if m["uuid"] == uuid]
    if not found:
        raise AssertionError(f"the log does not say it: {pattern}")
    return found[-1]


def rows(boots: list[Boot]) -> list[Row]:
    names = {
        "answered": "POST answered",
        "scheduling": "scheduling",
        "network": "network",
        "image": "image",
        "spawn": "spawn",
        "other": "between them",
        "guest": "guest, to a login by ssh",
        "total": "all of it",
    }
    first, later = boots[0], boots[1:] or boots
    made = []
    for name, shown in names.items():
        values = [getattr(boot, name) for boot in later]
        note = f"{min(values):.3f} to {max(values):.3f}; the first one {getattr(first, name):.3f}"
        made.append(Row(measure=f"real guest: {shown}", unit="s", value=median(values), note=note))
    return made


def prepare(client: Client, key: Path, image: str) -> None:
    client.text("image", "create", "--disk-format", "qcow2", "--file", image, "guest")
    client.text("flavor", "create", "--ram", "128", "--disk", "1", "tiny")
    client.text("keypair", "create", "--private-key", str(key), "mine")
    key.chmod(0o600)
    client.text("network", "create", "private")
    client.text("subnet", "create", "--network", "private", "--subnet-range", "10.9.0.0/24", "p4")
    client.text("network", "create", "--external", "outside")
    client.text(
        *("subnet", "create", "--network", "outside", "--subnet-range", OUTSIDE, "--no-dhcp", "o4")
    )
    rule = ("--protocol", "tcp", "--dst-port", "22", "default")
    client.text("security", "group", "rule", "create", *rule)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--boots", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE")
    args = parser.parse_args()
    if os.geteuid():
        parser.error("the built-in network is for root alone")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    cloud = TalkativeCloud()
    key = cloud.folder / "key"
    image = str(guest_image())  # outside, where apt reaches the packages
    with cloud.started() as client:
        prepare(client, key, image)
        boots = measure(cloud, client, key, args.boots)
    found = rows(boots)
    print(table(found))
    if args.json:
        args.json.write_text(json.dumps(msgspec.to_builtins({"rows": found, "boots": boots})))
    return 0


if __name__ == "__main__":
    sys.exit(main())
