# SPDX-License-Identifier: Apache-2.0
"""One cloud, many boots and deletes, and kills at random moments; then the reckoning.

    python -m tests.crash.chaos --seeds 20 [--first-seed 1] [--servers 200]

For each seed: what is killed and when is drawn from the seed; every daemon in turn, all at
once, and the broker are among it. Within 60 seconds after the last restart every server must
be ACTIVE, gone, or in ERROR with a fault; `nova-lite-manage audit` must find nothing; and
after all are deleted nothing may be left.
"""

import argparse
import json
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nova_lite.backends.image.store import ImageStore
from tests.fixtures.daemons import DistributedCloud, Rest
from tests.fixtures.mariadb import MariaDB
from tests.fixtures.process import ServerFailed
from tests.fixtures.rabbit import RabbitServer
from tests.fixtures.wait import wait_for

SETTLED_WITHIN = 60.0
CONCURRENCY = 10
CREATE_WITHIN = 30.0
GOOD = ("ACTIVE", "SHELVED", "SHELVED_OFFLOADED")
# Ports and addresses must not leak either; guests are faked, so no host has to make networks.
NETWORK = {
    "backend": "local",
    "project_networks": True,
    "project_network_cidr": "10.0.0.0/20",
    "wait_for_host": False,
    "quotas": "port:-1",
}


class Load(threading.Thread):
    """Creates servers, deletes about half of them, at once or when they are there, and makes
    images of some or puts them on the shelf and takes them back."""

    def __init__(self, cloud: DistributedCloud, image: str, names: list[str], seed: int) -> None:
        super().__init__(daemon=True)
        self.answers: dict[str, int] = {}
        self._cloud = cloud
        self._image = image
        self._names = names
        self._random = random.Random(seed)

    def run(self) -> None:
        client = self._cloud.rest()
        while self._names:
            name = self._names.pop()
            uuid = self._until_created(client, name)
            fate = self._random.random()
            if uuid and fate < 0.5:
                if fate < 0.25:
                    self._until_idle(client, uuid)
                self._try(client, "DELETE", f"/servers/{uuid}")
            elif uuid and fate < 0.8:
                self._keep(client, uuid, "image" if fate < 0.65 else "shelf")

    def _keep(self, client: Rest, uuid: str, how: str) -> None:
        path = f"/servers/{uuid}/action"
        self._until_idle(client, uuid)
        if how == "image":
            self._try(client, "POST", path, {"createImage": {"name": f"of-{uuid}"}})
            return
        self._try(client, "POST", path, {"shelve": None})
        self._until_idle(client, uuid)
        self._try(client, "POST", path, {"unshelve": None})

    def _until_created(self, client: Rest, name: str) -> str | None:
        """Ask again while nobody answers, so that the load lasts as long as the chaos."""
        deadline = time.monotonic() + CREATE_WITHIN
        while time.monotonic() < deadline:
            uuid = self._create(client, name)
            if uuid:
                return uuid
        return None

    def _create(self, client: Rest, name: str) -> str | None:
        body = self._cloud.server_body(name, self._image, networks="auto")
        status, answer = self._try(client, "POST", "/servers", body)
        return answer["server"]["id"] if status == 202 else None

    def _until_idle(self, client: Rest, uuid: str) -> None:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            status, answer = self._try(client, "GET", f"/servers/{uuid}")
            if status == 200 and answer["server"]["OS-EXT-STS:task_state"] is None:
                return
            # pause: a client's pace
            time.sleep(0.2)

    def _try(self, client: Rest, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The answer; (0, None) when there was none, which is what a killed API gives."""
        try:
            status, answer = client.call(method, path, body)
        except OSError:
            status, answer = 0, None
            # pause: a client's pace
            time.sleep(0.2)
        except Exception as exc:  # http.client's many ways to say that the peer is gone
            status, answer = 0, None
            self.answers[type(exc).__name__] = self.answers.get(type(exc).__name__, 0) + 1
            # pause: a client's pace
            time.sleep(0.2)
        key = f"{method} {status}"
        self.answers[key] = self.answers.get(key, 0) + 1
        return status, answer


class Chaos:
    """Kills by the seed, and starts again after a moment."""

    def __init__(self, cloud: DistributedCloud, rabbit: RabbitServer, seed: int) -> None:
        self._cloud = cloud
        self._rabbit = rabbit
        self._random = random.Random(seed)
        self.log: list[str] = []
        self._began = time.monotonic()

    def plan(self) -> list[str]:
        """Every daemon once, all at once, the broker: in the order of the seed."""
        targets = [*self._cloud.daemons, "all", "broker"]
        self._random.shuffle(targets)
        return targets

    def run(self, busy: Callable[[], bool]) -> None:
        for target in self.plan():
            if not busy():
                self._note(f"load ended before {target}")
            # pause: the moment of the strike
            time.sleep(self._random.uniform(0.1, 1.5))
            self.strike(target)

    def strike(self, target: str) -> None:
        pause = self._random.uniform(0.0, 2.0)
        self._note(f"kill {target}, back after {pause:.1f} s")
        if target == "broker":
            self._rabbit.kill()
            # pause: how long it stays dead
            time.sleep(pause)
            self._rabbit.start()
            return
        victims = list(self._cloud.daemons) if target == "all" else [target]
        for name in victims:
            self._cloud.daemons[name].kill()
        # pause: how long it stays dead
        time.sleep(pause)
        for name in victims:
            self._cloud.daemons[name].launch()

    def revive(self) -> None:
        """What a supervisor does: nothing stays dead."""
        for name, daemon in self._cloud.daemons.items():
            if not daemon.running():
                self._note(f"{name} had ended by itself: {daemon.tail()[-300:]}")
                daemon.launch()

    def _note(self, text: str) -> None:
        self.log.append(f"{time.monotonic() - self._began:6.1f} s {text}")


def servers(client: Rest) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    marker = ""
    while True:
        status, answer = client.call("GET", f"/servers/detail?limit=1000{marker}")
        if status != 200:
            raise ServerFailed(f"list: {status} {answer}")
        found += answer["servers"]
        if len(answer["servers"]) < 1000:
            return found
        marker = f"&marker={found[-1]['id']}"


def unsettled(found: list[dict[str, Any]]) -> list[str]:
    """What is neither ACTIVE or on the shelf nor in ERROR with a fault, in words."""
    bad = []
    for server in found:
        state = f"{server['status']}/{server['OS-EXT-STS:task_state']}"
        fault = (server.get("fault") or {}).get("message")
        idle = server["OS-EXT-STS:task_state"] is None
        if idle and (server["status"] in GOOD or (server["status"] == "ERROR" and fault)):
            continue
        bad.append(f"{server['name']} {server['id']} {state} fault={fault!r}")
    return bad


def settle(cloud: DistributedCloud, timeout: float = SETTLED_WITHIN) -> tuple[list[str], float]:
    """(what is still unsettled, seconds it took)."""
    began = time.monotonic()
    bad = ["the API did not answer"]
    while time.monotonic() - began < timeout:
        try:
            bad = unsettled(servers(cloud.rest()))
        except Exception as exc:  # also while the API comes back
            bad = [f"list: {exc}"]
        if not bad:
            break
        # pause: between two lists of everything
        time.sleep(0.5)
    return bad, time.monotonic() - began


def audit(cloud: DistributedCloud, timeout: float = 0.0) -> list[Any]:
    """What the reconciler finds, looked at again until it is nothing or the time is over."""
    deadline = time.monotonic() + timeout
    while True:
        found = audit_once(cloud)
        if not found or time.monotonic() >= deadline:
            return found
        # pause: the conductor's own repairs run by period
        time.sleep(2)


def audit_once(cloud: DistributedCloud) -> list[Any]:
    try:
        return json.loads(cloud.manage("audit", "-f", "json") or "[]")
    except ServerFailed as exc:
        text = str(exc)
        start = text.find("[")
        return [text] if start < 0 else [text[start:]]


def lost_images(cloud: DistributedCloud, found: list[dict[str, Any]]) -> list[str]:
    """Images that wait for data that nobody brings, and those of servers that are not on the
    shelf any more."""
    shelved = {s["id"] for s in found if s["status"].startswith("SHELVED")}
    bad = []
    for image in ImageStore(cloud.folder / "images").all():
        if image.status != "active":
            bad.append(f"{image.id} {image.name} is {image.status}")
        elif (image.name or "").endswith("-shelved"):
            if image.properties.get("instance_uuid") not in shelved:
                bad.append(f"{image.id} is of a server that is not on the shelf")
    return bad


def clean(cloud: DistributedCloud) -> list[str]:
    """Delete all servers; what is left after a minute."""
    client = cloud.rest()
    for server in servers(client):
        client.call("DELETE", f"/servers/{server['id']}")
    try:
        wait_for(lambda: not servers(cloud.rest()), SETTLED_WITHIN, "all servers to go")
    except TimeoutError:
        return [f"{s['id']} {s['status']}" for s in servers(client)]
    return []


def run_seed(cloud: DistributedCloud, rabbit: RabbitServer, image: str, seed: int,
             count: int) -> dict[str, Any]:  # fmt: skip
    names = [f"s{seed}-{number}" for number in range(count)]
    loads = [Load(cloud, image, names, seed * 1000 + n) for n in range(CONCURRENCY)]
    chaos = Chaos(cloud, rabbit, seed)
    for load in loads:
        load.start()
    chaos.run(lambda: bool(names))
    for load in loads:
        load.join(300)
    chaos.revive()
    bad, took = settle(cloud)
    result: dict[str, Any] = {"seed": seed, "settled_in": round(took, 1), "unsettled": bad}
    found = servers(cloud.rest()) if not bad else []
    states = (*GOOD, "ERROR")
    result["states"] = {s: sum(1 for x in found if x["status"] == s) for s in states}
    result["faults"] = sorted({s["fault"]["message"][:120] for s in found if "fault" in s})
    result["lost_images"] = [] if bad else lost_images(cloud, found)
    result["audit"] = audit(cloud, max(0.0, SETTLED_WITHIN - took))
    result["left"] = clean(cloud)
    result["audit_after"] = audit(cloud)
    result["lost_images"] += lost_images(cloud, [])
    result["answers"] = {}
    for load in loads:
        for key, number in load.answers.items():
            result["answers"][key] = result["answers"].get(key, 0) + number
    result["events"] = chaos.log
    keys = ("unsettled", "audit", "left", "audit_after", "lost_images")
    result["ok"] = not any(result[key] for key in keys)
    return result


def start_all(extra: dict[str, dict[str, Any]] | None = None) -> tuple[Any, Any, Any, str]:
    rabbit, database = RabbitServer(), MariaDB()
    rabbit.start()
    database.start()
    cloud = DistributedCloud(
        rabbit.url,
        database.url("api"),
        database.url("cell1"),
        cell0_database=database.url("cell0"),
        settings={"network": NETWORK, **(extra or {})},
    )
    cloud.start()
    cloud.add_flavor()
    return rabbit, database, cloud, cloud.add_image()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--servers", type=int, default=200)
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--keep-going", action="store_true", help="also after a bad seed")
    args = parser.parse_args()
    # end what was started, also when asked to by a signal
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    rabbit, database, cloud, image = start_all()
    results = []
    try:
        for seed in range(args.first_seed, args.first_seed + args.seeds):
            result = run_seed(cloud, rabbit, image, seed, args.servers)
            results.append(result)
            print(json.dumps(result, indent=1 if not result["ok"] else None), flush=True)
            if not result["ok"] and not args.keep_going:
                print(f"left as it is for inspection: {cloud.folder}", file=sys.stderr)
                break
    finally:
        good = all(result["ok"] for result in results)
        if not good:
            for name, daemon in cloud.daemons.items():
                print(f"--- {name}\n{daemon.tail()}", file=sys.stderr)
        cloud.stop() if good else [d.stop() for d in cloud.daemons.values()]
        database.stop()
        rabbit.stop()
    if args.json:
        args.json.write_text(json.dumps(results, indent=1))
    failed = sum(1 for result in results if not result["ok"])
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
