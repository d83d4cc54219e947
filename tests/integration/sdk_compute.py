# SPDX-License-Identifier: Apache-2.0
"""openstacksdk's conn.compute against a cloud: everything a user does in a day.

    OS_CLIENT_CONFIG_FILE=.../clouds.yaml OS_CLOUD=nova-lite python -m tests.integration.sdk_compute

Wants one image (the first that is active, or --image). Raises at the first thing that is not
as it should be; removes what it made.
"""

import argparse
import contextlib
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import openstack

WAIT = 300  # seconds, for an emulated guest on a busy machine
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test"


def expect(what: str, seen: Any, wanted: Any) -> None:
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r}, expected {wanted!r}")


@contextlib.contextmanager
def made(create: Any, delete: Any) -> Iterator[Any]:
    thing = create()
    try:
        yield thing
    finally:
        delete(thing)


def flavors(compute: Any, name: str) -> None:
    with made(
        lambda: compute.create_flavor(name=name, ram=128, vcpus=1, disk=1),
        compute.delete_flavor,
    ) as flavor:
        expect("flavor", compute.find_flavor(name).id, flavor.id)
        compute.create_flavor_extra_specs(flavor, {"hw:cpu_policy": "shared"})
        specs = compute.fetch_flavor_extra_specs(flavor).extra_specs
        expect("extra specs", specs, {"hw:cpu_policy": "shared"})
        compute.delete_flavor_extra_specs_property(flavor, "hw:cpu_policy")
        expect("in list", flavor.id in [f.id for f in compute.flavors(is_public=None)], True)
    expect("flavor gone", compute.find_flavor(name), None)


def keypairs(compute: Any, name: str) -> None:
    with made(
        lambda: compute.create_keypair(name=name, public_key=PUBLIC_KEY),
        lambda pair: compute.delete_keypair(pair),
    ):
        expect("keypair", compute.get_keypair(name).public_key, PUBLIC_KEY)
        expect("in list", name in [k.name for k in compute.keypairs()], True)


def groups(compute: Any, name: str) -> None:
    with made(
        lambda: compute.create_server_group(name=name, policy="soft-anti-affinity"),
        compute.delete_server_group,
    ) as group:
        expect("policy", compute.get_server_group(group).policy, "soft-anti-affinity")
        expect("in list", group.id in [g.id for g in compute.server_groups()], True)


def the_cloud(conn: Any) -> None:
    compute = conn.compute
    binaries = {service.binary for service in compute.services()}
    expect("services", {"nova-compute", "nova-conductor", "nova-scheduler"} - binaries, set())
    hypervisors = list(compute.hypervisors(details=True))
    expect("hypervisors", bool(hypervisors), True)
    expect("hypervisor", compute.get_hypervisor(hypervisors[0]).state, "up")
    expect("zones", "nova" in [z.name for z in compute.availability_zones()], True)
    limits = compute.get_limits().absolute
    expect("limits", limits.instances is not None, True)
    quota = compute.get_quota_set(conn.current_project_id)
    expect("quota", quota.instances is not None, True)


def change(conn: Any, server: Any, verb: str, status: str, *args: Any) -> None:
    getattr(conn.compute, verb)(server, *args)
    now = conn.compute.wait_for_server(server, status=status, wait=WAIT, interval=0.5)
    # SHUTOFF and the like may be said before the task is over
    for _ in range(WAIT * 2):
        now = conn.compute.get_server(server)
        if now.task_state is None and now.status == status:
            return
        conn.compute.wait_for_server(server, status=now.status, wait=WAIT, interval=0.5)
    raise AssertionError(f"{verb}: {now.status}/{now.task_state}")


def servers(conn: Any, name: str, image: str) -> None:
    compute = conn.compute
    with made(
        lambda: compute.create_flavor(name=name, ram=128, vcpus=1, disk=1),
        compute.delete_flavor,
    ) as flavor:
        server = compute.create_server(
            name=name, image_id=image, flavor_id=flavor.id, networks="none", metadata={"a": "b"}
        )
        try:
            server = compute.wait_for_server(server, wait=WAIT, interval=0.5)
            expect("status", server.status, "ACTIVE")
            expect("metadata", server.metadata, {"a": "b"})
            expect("find", compute.find_server(name).id, server.id)
            expect("list", [s.id for s in compute.servers(name=f"^{name}$")], [server.id])
            compute.update_server(server, name=f"{name}-2")
            expect("renamed", compute.get_server(server).name, f"{name}-2")
            verbs(conn, server)
            actions = [a.action for a in compute.server_actions(server)]
            expect("actions", {"create", "stop", "pause"} - set(actions), set())
        finally:
            compute.delete_server(server)
            compute.wait_for_delete(server, wait=WAIT, interval=0.5)
        expect("gone", compute.find_server(server.id), None)


def verbs(conn: Any, server: Any) -> None:
    compute = conn.compute
    change(conn, server, "stop_server", "SHUTOFF")
    change(conn, server, "start_server", "ACTIVE")
    change(conn, server, "reboot_server", "ACTIVE", "HARD")
    change(conn, server, "pause_server", "PAUSED")
    change(conn, server, "unpause_server", "ACTIVE")
    change(conn, server, "suspend_server", "SUSPENDED")
    change(conn, server, "resume_server", "ACTIVE")
    change(conn, server, "rescue_server", "RESCUE")
    change(conn, server, "unrescue_server", "ACTIVE")
    made = compute.create_server_image(server, f"{server.name}-image", wait=True, timeout=WAIT)
    expect("image", conn.image.get_image(made).status, "active")
    conn.image.delete_image(made)
    compute.wait_for_server(compute.get_server(server), wait=WAIT, interval=0.5)
    change(conn, server, "shelve_server", "SHELVED_OFFLOADED")
    change(conn, server, "unshelve_server", "ACTIVE")
    image = compute.get_server(server).image.id
    compute.rebuild_server(server, image=image, name=f"{server.name}-3", admin_password="s3cret")
    compute.wait_for_server(compute.get_server(server), wait=WAIT, interval=0.5)
    compute.lock_server(server, locked_reason="test")
    expect("locked", compute.get_server(server).is_locked, True)
    compute.unlock_server(server)
    expect("unlocked", compute.get_server(server).is_locked, False)
    expect("console", "output" in compute.get_server_console_output(server), True)
    link = compute.create_console(server, console_type="novnc")
    expect("link to a console", "token" in link["url"], True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", help="id or name")
    args = parser.parse_args(argv)
    conn = openstack.connect()
    image = (
        conn.image.find_image(args.image, ignore_missing=False)
        if args.image
        else next(i for i in conn.image.images() if i.status == "active")
    )
    name = f"sdk-{uuid.uuid4().hex[:8]}"
    the_cloud(conn)
    flavors(conn.compute, name)
    keypairs(conn.compute, name)
    groups(conn.compute, name)
    servers(conn, name, image.id)
    print("openstacksdk: all as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
