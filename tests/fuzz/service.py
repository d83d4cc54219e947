# SPDX-License-Identifier: Apache-2.0
"""A cloud in a process of its own, served over HTTP on loopback.

    python -m tests.fuzz.service

Prints its address on one line, and ends when its standard input does. Fake driver, many hosts,
the built-in network, no quota; the users of USERS with basic authentication.
NOVA_LITE_CONCURRENCY chooses the back end.
"""

import json
import logging
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bcrypt

REPOSITORY = Path(__file__).parents[2]
START_TIMEOUT = 60.0
HOSTS = 10
PASSWORD = "secret"
# Each in a project of the same name.
USERS = {"admin": "admin", "member": "member"}


def main() -> int:
    from nova_lite.base import concurrency

    if os.environ.get(concurrency.ENVIRONMENT):
        concurrency.patch()

    from nova_lite.api import wsgi
    from nova_lite.api.serve import HttpServer
    from tests.fixtures.cloud import Cloud

    # to standard error: only what went wrong is of interest
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    cloud = Cloud(
        hosts=HOSTS,
        osapi_compute_listen="127.0.0.1",
        osapi_compute_listen_port=0,
        network__backend="local",
        network__project_networks=True,
        network__project_network_cidr="10.0.0.0/16",
        network__wait_for_host=False,
        network__quotas=dict.fromkeys(("port", "security_group", "security_group_rule"), "-1"),
    )
    try:
        use_passwords(cloud.conf, cloud.folder)
        server = HttpServer(cloud.conf, wsgi.build(cloud.conf, cloud.bus, cloud.clients))
        server.start()
        assert server.address is not None
        print("http://{}:{}".format(*server.address), flush=True)
        concurrency.native(sys.stdin.read)
        server.stop()
        server.wait(10)
    finally:
        cloud.stop()
    return 0


def use_passwords(conf: Any, folder: Path) -> None:
    """Applications that are made from now on want a password."""
    passwords, identities = folder / "htpasswd", folder / "identities.json"
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    passwords.write_text("".join(f"{user}:{hashed}\n" for user in USERS))
    identities.write_text(
        json.dumps({user: {"project_id": user, "roles": [role]} for user, role in USERS.items()})
    )
    conf.set_override("auth_strategy", "http_basic", "api")
    conf.set_override("http_basic_auth_user_file", str(passwords), "api")
    conf.set_override("http_basic_identity_file", str(identities), "api")


@contextmanager
def running(log: Path, backend: str = "threading") -> Iterator[str]:
    """The address of a new service; its log goes to a file. RuntimeError when it does not start."""
    environ: dict[str, Any] = {**os.environ, "NOVA_LITE_CONCURRENCY": backend}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.service"],
            cwd=REPOSITORY,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
        )
    assert process.stdin is not None and process.stdout is not None
    try:
        ready, _, _ = select.select([process.stdout], [], [], START_TIMEOUT)
        address = process.stdout.readline().decode().strip() if ready else ""
        if not address:
            raise RuntimeError(f"the service did not start:\n{log.read_text()[-4000:]}")
        yield address
    finally:
        process.stdin.close()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


if __name__ == "__main__":
    sys.exit(main())
