# SPDX-License-Identifier: Apache-2.0
"""openstacksdk against the built-in network: its calls of the Networking API, and the layer
above them that knows servers.

    OS_CLOUD=nova-lite python -m tests.integration.sdk_network --image tiny
"""

import argparse
import sys
import uuid
from typing import Any

import openstack
from openstack import exceptions

from tests.integration.osc_commands import expect


def resources(cloud: Any, name: str) -> None:
    """Each kind: created, found, changed, listed, deleted."""
    net = cloud.network
    network = net.create_network(name=name)
    expect("network", (network.status, network.is_admin_state_up), ("ACTIVE", True))
    subnet = net.create_subnet(
        network_id=network.id, ip_version=4, cidr="10.6.0.0/24", name=name, gateway_ip=None
    )
    expect("subnet", (subnet.gateway_ip, subnet.is_dhcp_enabled), (None, True))
    group = net.create_security_group(name=name)
    rule = net.create_security_group_rule(
        security_group_id=group.id, direction="ingress", protocol="udp", port_range_min=53,
        port_range_max=53, remote_ip_prefix="10.6.0.0/24",
    )  # fmt: skip
    expect("rule", (rule.ether_type, rule.protocol), ("IPv4", "udp"))
    ports = [
        net.create_port(network_id=network.id, name=f"{name}-{n}", security_groups=[group.id])
        for n in range(5)
    ]
    pages = list(net.ports(network_id=network.id, limit=2))
    expect("pages", {port.id for port in pages}, {port.id for port in ports})
    changed = net.update_port(ports[0], name="other")
    expect("update", (changed.name, changed.revision_number), ("other", 1))
    found = net.find_network(name)
    expect("find", found.id, network.id)
    expect("subnets", found.subnet_ids, [subnet.id])
    try:
        net.delete_subnet(subnet, ignore_missing=False)
    except exceptions.ConflictException as error:
        expect("in use", "SubnetInUse" in str(error.details) or error.status_code == 409, True)
    else:
        raise AssertionError("a subnet with ports was deleted")
    for port in ports:
        net.delete_port(port, ignore_missing=False)
    net.delete_security_group(group, ignore_missing=False)
    net.delete_network(network, ignore_missing=False)
    expect("gone", net.find_network(name), None)
    expect("extension", net.find_extension("port-security").alias, "port-security")
    print("ok  resources", flush=True)


def server(cloud: Any, name: str, image: str) -> None:
    """A server with a network by name, and an address from outside."""
    network = cloud.create_network(name)
    outside = cloud.create_network(
        f"{name}-out", external=True, provider={"network_type": "flat", "physical_network": name}
    )
    cloud.create_subnet(name, cidr="10.6.0.0/24", enable_dhcp=True)
    cloud.create_subnet(f"{name}-out", cidr="192.0.2.0/24", enable_dhcp=False)
    flavor = cloud.create_flavor(name, ram=128, vcpus=1, disk=1)
    made = cloud.create_server(
        name, image=image, flavor=flavor, network=name, wait=True, auto_ip=False, timeout=120
    )
    address = cloud.create_floating_ip(network=f"{name}-out")
    port = next(iter(cloud.network.ports(device_id=made.id)))
    cloud.network.update_ip(address.id, port_id=port.id)
    expect("leads to", cloud.network.get_ip(address.id).port_id, port.id)
    cloud.network.update_ip(address.id, port_id=None)
    cloud.delete_server(made.id, wait=True, timeout=120)
    cloud.network.delete_ip(address.id, ignore_missing=False)
    cloud.delete_flavor(flavor.id)
    expect("deleted", cloud.delete_network(network.id), True)
    expect("deleted", cloud.delete_network(outside.id), True)
    print("ok  server", flush=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", required=True, help="id or name")
    args = parser.parse_args(argv)
    cloud = openstack.connect()
    name = f"sdk-{uuid.uuid4().hex[:8]}"
    resources(cloud, name)
    server(cloud, name, args.image)
    print("openstacksdk: all as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
