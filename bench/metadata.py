# SPDX-License-Identifier: Apache-2.0
"""The metadata service: what the questions of one booting guest cost, and how many a second one
process answers. Asked as a relay asks: a connection for each request, with signed headers."""

import hashlib
import hmac
import http.client
import threading
import time

from bench.meter import Meter, Row
from tests.fixtures.daemons import DistributedCloud

SECRET = "bench"
PROJECT = "p1"
SETTLE = 2.0
GUESTS = 20
REQUESTS = 2000
CONNECTIONS = 8
# What cloud-init reads on the way, more or less.
BOOT = (
    *("/openstack", "/openstack/latest/meta_data.json", "/openstack/latest/user_data"),
    *("/openstack/latest/network_data.json", "/openstack/latest/vendor_data.json"),
    *("/openstack/latest/vendor_data2.json", "/latest/meta-data/", "/latest/user-data"),
    *(
        f"/latest/meta-data/{name}"
        for name in (
            *("ami-id", "ami-launch-index", "ami-manifest-path", "hostname", "instance-id"),
            *("local-ipv4", "reservation-id", "security-groups", "placement/availability-zone"),
            *("block-device-mapping/ami", "block-device-mapping/root", "instance-type"),
        )
    ),
)


def headers(server: str) -> dict[str, str]:
    signature = hmac.new(SECRET.encode(), server.encode(), hashlib.sha256).hexdigest()
    return {
        "X-Instance-ID": server,
        "X-Tenant-ID": PROJECT,
        "X-Instance-ID-Signature": signature,
        "X-Forwarded-For": "10.0.0.5",
    }


def ask(port: int, path: str, signed: dict[str, str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=signed)
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 404):  # no user data
            raise AssertionError(f"{path}: {answer.status}")
    finally:
        connection.close()


def measure(cloud: DistributedCloud, others: dict[str, int], image: str) -> list[Row]:
    """Starts the service of this cloud; servers are made, and left behind."""
    daemon, port = cloud.add_metadata(SECRET)
    servers = _servers(cloud, image)
    daemons = [(name, each.pid) for name, each in cloud.daemons.items()]
    everything = Meter(lambda: daemons + list(others.items()))
    alone = Meter(lambda: [(daemon.name, daemon.pid)])
    ask(port, BOOT[1], headers(servers[0]))
    time.sleep(SETTLE)
    with everything.span() as boots:
        for server in servers[1:]:
            for path in BOOT:
                ask(port, path, headers(server))
    each = boots.cpu / GUESTS * 1000
    rows = [
        Row(
            measure=f"metadata: one boot, {len(BOOT)} requests",
            unit="CPU ms",
            value=each,
            note=f"{boots.wall / GUESTS * 1000:.0f} ms wall; all daemons",
        )
    ]
    time.sleep(SETTLE)
    with alone.span() as load:
        _load(port, servers)
    rows += [
        Row(
            measure=f"metadata: one request of {CONNECTIONS} at a time",
            unit="CPU ms",
            value=load.cpu / REQUESTS * 1000,
            note="of the service",
        ),
        Row(
            measure=f"metadata: requests, {CONNECTIONS} at a time, one process",
            unit="a second",
            value=REQUESTS / load.wall,
        ),
    ]
    return rows


def _servers(cloud: DistributedCloud, image: str) -> list[str]:
    client, made = cloud.rest(project=PROJECT), []
    for number in range(GUESTS + 1):
        body = cloud.server_body(f"meta{number}", image)
        status, answer = client.call("POST", "/servers", body)
        if status != 202:
            raise AssertionError(f"create: {status} {answer}")
        made.append(str(answer["server"]["id"]))
    return made


def _load(port: int, servers: list[str]) -> None:
    failures: list[Exception] = []

    def work(number: int) -> None:
        signed = [headers(server) for server in servers]
        try:
            for count in range(REQUESTS // CONNECTIONS):
                path = BOOT[(count + number) % len(BOOT)]
                ask(port, path, signed[(count * CONNECTIONS + number) % len(signed)])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
