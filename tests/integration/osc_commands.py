# SPDX-License-Identifier: Apache-2.0
"""python-openstackclient against a cloud: the commands of a user's and an admin's day.

    OS_CLOUD=nova-lite python -m tests.integration.osc_commands

Wants one image (the first in the list, or --image). Every command must end with exit code 0
and show what it should; what was made is removed.
"""

import argparse
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

WAIT = 600.0
CLIENT = str(Path(sys.executable).with_name("openstack"))


class Client:
    """Runs `openstack` and keeps what went wrong."""

    def __init__(self, version: str | None) -> None:
        self._options = ["--os-compute-api-version", version] if version else []

    def text(self, *words: str) -> str:
        command = [CLIENT, *self._options, *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
        if done.returncode:
            raise AssertionError(f"openstack {' '.join(words)}: {done.returncode}\n{done.stderr}")
        print(f"ok  openstack {' '.join(words)}", flush=True)
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.text(*words, "-f", "json"))


def expect(what: str, seen: Any, wanted: Any) -> None:
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r}, expected {wanted!r}")


def around(client: Client, name: str) -> None:
    """What needs no server."""
    client.text("keypair", "create", "--private-key", f"/tmp/{name}", name)
    Path(f"/tmp/{name}").unlink()
    expect("keypair", name in [k["Name"] for k in client.json("keypair", "list")], True)
    client.text("keypair", "delete", name)
    client.text("server", "group", "create", "--policy", "anti-affinity", name)
    expect("group", name in [g["Name"] for g in client.json("server", "group", "list")], True)
    client.text("server", "group", "delete", name)
    binaries = {s["Binary"] for s in client.json("compute", "service", "list")}
    expect("services", {"nova-compute", "nova-conductor", "nova-scheduler"} - binaries, set())
    compute = client.json("compute", "service", "list", "--service", "nova-compute")[0]
    change = ("compute", "service", "set")
    client.text(*change, "--disable", "--disable-reason", "test", compute["Host"], "nova-compute")
    client.text(*change, "--enable", compute["Host"], "nova-compute")
    hypervisors = client.json("hypervisor", "list")
    client.text("hypervisor", "show", hypervisors[0]["Hypervisor Hostname"])
    Client("2.87").text("hypervisor", "stats", "show")
    # it sends a parameter that strict microversions refuse, so: at its own default version
    client.json("usage", "list")
    expect("limits", bool(Client(None).json("limits", "show", "--absolute")), True)
    zones = [z["Zone Name"] for z in client.json("availability", "zone", "list", "--compute")]
    expect("zones", "nova" in zones, True)


def aggregate(client: Client, name: str, image: str) -> None:
    """A host in a zone of its own, and back. The host must have no servers."""
    services = client.json("compute", "service", "list", "--service", "nova-compute")
    host = services[0]["Host"]
    client.text("aggregate", "create", "--zone", name, name)
    try:
        client.text("aggregate", "add", "host", name, host)
        client.text("aggregate", "set", "--property", "ssd=true", name)
        shown = client.json("aggregate", "show", name)
        expect("aggregate", (shown["hosts"], shown["availability_zone"]), ([host], name))
        zones = [z["Zone Name"] for z in client.json("availability", "zone", "list", "--compute")]
        expect("zone", name in zones, True)
        expect("list", name in [a["Name"] for a in client.json("aggregate", "list")], True)
        client.text("aggregate", "cache", "image", name, image)
        client.text("aggregate", "set", "--zone", f"{name}-b", "--name", f"{name}-b", name)
        shown = client.json("aggregate", "show", f"{name}-b")
        expect("renamed", shown["availability_zone"], f"{name}-b")
        client.text("aggregate", "set", "--name", name, f"{name}-b")
        client.text("aggregate", "unset", "--property", "ssd", name)
        expect("unset", client.json("aggregate", "show", name)["properties"], {})
        client.text("aggregate", "remove", "host", name, host)
    finally:
        client.text("aggregate", "delete", name)


def quota(client: Client, project: str) -> None:
    client.text("quota", "show", "--compute", project)
    client.text("quota", "set", "--instances", "33", project)
    shown = client.json("quota", "show", "--compute", project)
    limits = {row["Resource"]: row["Limit"] for row in shown} if isinstance(shown, list) else shown
    expect("quota", limits["instances"], 33)
    client.text("quota", "delete", "--compute", project)


def server(client: Client, name: str, image: str) -> None:
    client.text("flavor", "create", "--ram", "128", "--disk", "1", "--vcpus", "1", name)
    expect("flavor", name in [f["Name"] for f in client.json("flavor", "list")], True)
    try:
        create = ("server", "create", "--image", image, "--flavor", name, "--nic", "none")
        made = client.json(*create, "--wait", name)
        expect("status", made["status"], "ACTIVE")
        uuid_ = made["id"]
        try:
            rows = client.json("server", "list", "--long")
            expect("list", [r["Status"] for r in rows if r["ID"] == uuid_], ["ACTIVE"])
            verbs(client, uuid_)
            events = client.json("server", "event", "list", uuid_)
            expect("events", {"create", "stop"} - {e["Action"] for e in events}, set())
            client.text("server", "event", "show", uuid_, events[-1]["Request ID"])
        finally:
            client.text("server", "delete", "--wait", uuid_)
    finally:
        client.text("flavor", "delete", name)


def verbs(client: Client, uuid_: str) -> None:
    steps = (
        ("stop", "SHUTOFF"),
        ("start", "ACTIVE"),
        ("pause", "PAUSED"),
        ("unpause", "ACTIVE"),
        ("suspend", "SUSPENDED"),
        ("resume", "ACTIVE"),
    )
    client.text("server", "reboot", "--wait", uuid_)
    client.text("server", "reboot", "--hard", "--wait", uuid_)
    for verb, status in steps:
        client.text("server", verb, uuid_)
        until(client, uuid_, status)
    client.text("server", "rescue", uuid_)
    until(client, uuid_, "RESCUE")
    client.text("server", "unrescue", uuid_)
    until(client, uuid_, "ACTIVE")
    client.text("server", "rebuild", "--wait", "--preserve-ephemeral", uuid_)
    images(client, uuid_)
    client.text("server", "shelve", "--wait", uuid_)
    until(client, uuid_, "SHELVED_OFFLOADED")
    client.text("server", "unshelve", "--availability-zone", "nova", "--wait", uuid_)
    until(client, uuid_, "ACTIVE")
    client.text("server", "set", "--property", "a=b", "--tag", "blue", uuid_)
    described = client.json("server", "show", uuid_)
    expect("described", (described["properties"], described["tags"]), ({"a": "b"}, ["blue"]))
    client.text("server", "unset", "--property", "a", "--tag", "blue", uuid_)
    client.text("server", "lock", uuid_)
    client.text("server", "unlock", uuid_)
    client.text("console", "log", "show", uuid_)
    for kind in ("--novnc", "--serial"):
        shown = client.json("console", "url", "show", kind, uuid_)
        expect(f"link to a console ({kind})", "token" in shown["url"], True)


def images(client: Client, uuid_: str) -> None:
    """An image, and two backups of which one stays."""
    made = client.json("server", "image", "create", "--name", "osc-image", "--wait", uuid_)
    expect("image", (made["name"], made["status"]), ("osc-image", "active"))
    client.text("image", "delete", made["id"])
    until(client, uuid_, "ACTIVE")
    for number in range(2):
        backup = ("server", "backup", "create", "--name", f"osc-backup-{number}")
        client.text(*backup, "--type", "daily", "--rotate", "1", "--wait", uuid_)
        until(client, uuid_, "ACTIVE")
    kept = [i for i in client.json("image", "list") if i["Name"].startswith("osc-backup")]
    expect("backups", [i["Name"] for i in kept], ["osc-backup-1"])
    client.text("image", "delete", kept[0]["ID"])


def until(client: Client, uuid_: str, status: str) -> None:
    from tests.fixtures.wait import wait_for

    def there() -> bool:
        now = client.json("server", "show", uuid_)
        return now["status"] == status and now["OS-EXT-STS:task_state"] is None

    wait_for(there, WAIT, f"{uuid_} to be {status}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", help="id or name")
    parser.add_argument("--project", default="admin", help="whose quota is changed")
    parser.add_argument("--api-version", default="2.104", help="compute microversion")
    parser.add_argument(
        "--aggregates", action="store_true", help="also those, where a host has no servers"
    )
    args = parser.parse_args(argv)
    client = Client(args.api_version)
    image = args.image or client.json("image", "list")[0]["ID"]
    name = f"osc-{uuid.uuid4().hex[:8]}"
    around(client, name)
    if args.aggregates:
        aggregate(client, name, image)
    quota(client, args.project)
    server(client, name, image)
    print("openstackclient: all as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
