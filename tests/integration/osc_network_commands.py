# SPDX-License-Identifier: Apache-2.0
"""python-openstackclient against the built-in network: what people do with networks.

    OS_CLOUD=nova-lite python -m tests.integration.osc_network_commands --image tiny

Every command must end with exit code 0 and show what it should; what was made is removed. Needs
an administrator, and a host with the fake driver.
"""

import argparse
import sys
import uuid
from contextlib import ExitStack

from tests.integration.osc_commands import Client, expect


class Made:
    """What has to be deleted in the end, last things first."""

    def __init__(self, client: Client, stack: ExitStack) -> None:
        self._client = client
        self._stack = stack

    def remove(self, *words: str) -> None:
        self._stack.callback(self._client.text, *words)


def networks(client: Client, made: Made, name: str) -> None:
    """A private one with addresses, and an external one."""
    client.text("network", "create", f"{name}-x")
    made.remove("network", "delete", name)
    client.text(
        "network", "set", "--name", name, "--description", "d", "--mtu", "1400", f"{name}-x"
    )
    shown = client.json("network", "show", name)
    expect("network", (shown["description"], shown["mtu"], shown["status"]), ("d", 1400, "ACTIVE"))
    client.text("network", "unset", "--tag", "t", name)
    client.text("subnet", "create", "--network", name, "--subnet-range", "10.7.0.0/24",
                "--allocation-pool", "start=10.7.0.10,end=10.7.0.99",
                "--dns-nameserver", "192.0.2.53", f"{name}-4")  # fmt: skip
    route = "destination=10.9.0.0/16,gateway=10.7.0.2"
    change = ("subnet", "set", "--dns-nameserver", "192.0.2.54", "--host-route", route)
    client.text(*change, f"{name}-4")
    client.text("subnet", "unset", "--dns-nameserver", "192.0.2.53", f"{name}-4")
    shown = client.json("subnet", "show", f"{name}-4")
    expect("gateway", shown["gateway_ip"], "10.7.0.1")
    expect("dns", shown["dns_nameservers"], ["192.0.2.54"])
    expect("routes", shown["host_routes"], [{"destination": "10.9.0.0/16", "nexthop": "10.7.0.2"}])
    rows = client.json("subnet", "list", "--network", name)
    expect("subnets", [row["Subnet"] for row in rows], ["10.7.0.0/24"])
    client.text("network", "create", "--external", "--provider-network-type", "flat",
                "--provider-physical-network", name, f"{name}-out")  # fmt: skip
    made.remove("network", "delete", f"{name}-out")
    client.text("subnet", "create", "--network", f"{name}-out", "--subnet-range", "192.0.2.0/24",
                "--no-dhcp", f"{name}-out-4")  # fmt: skip
    client.text("ip", "availability", "show", name)
    rows = client.json("network", "list", "--external")
    expect("external", f"{name}-out" in [row["Name"] for row in rows], True)
    rows = client.json("network", "list", "--long", "--name", name)
    expect("list", [(row["Name"], row["State"]) for row in rows], [(name, True)])


def groups(client: Client, made: Made, name: str) -> None:
    client.text("security", "group", "create", "--description", "d", f"{name}-x")
    made.remove("security", "group", "delete", name)
    client.text("security", "group", "set", "--name", name, f"{name}-x")
    rule = ("security", "group", "rule", "create")
    ssh = client.json(*rule, "--protocol", "tcp", "--dst-port", "22", name)
    expect("ports", (ssh["port_range_min"], ssh["port_range_max"]), (22, 22))
    client.text(*rule, "--protocol", "icmp", "--remote-ip", "192.0.2.0/24", name)
    client.text(*rule, "--egress", "--ethertype", "IPv6", "--remote-group", name, name)
    rows = client.json("security", "group", "rule", "list", "--ingress", name)
    expect("rules", sorted(row["IP Protocol"] for row in rows), ["icmp", "tcp"])
    client.text("security", "group", "rule", "show", ssh["id"])
    client.text("security", "group", "rule", "delete", ssh["id"])
    rows = client.json("security", "group", "rule", "list", "--ingress", name)
    expect("rules", [row["IP Protocol"] for row in rows], ["icmp"])
    shown = client.json("security", "group", "show", name)
    expect("rules of the group", len(shown["rules"]), 4)
    rows = client.json("security", "group", "list")
    expect("groups", {"default", name} <= {row["Name"] for row in rows}, True)


def ports(client: Client, made: Made, name: str) -> None:
    client.text("port", "create", "--network", name, "--security-group", name,
                "--fixed-ip", f"subnet={name}-4,ip-address=10.7.0.50", name)  # fmt: skip
    made.remove("port", "delete", name)
    pair = "ip-address=10.7.0.60,mac-address=fa:16:3e:00:00:60"
    client.text("port", "set", "--allowed-address", pair, "--description", "d", name)
    shown = client.json("port", "show", name)
    expect("port", (shown["description"], shown["status"]), ("d", "DOWN"))
    expect("pair", shown["allowed_address_pairs"][0]["ip_address"], "10.7.0.60")
    client.text("port", "unset", "--allowed-address", pair, name)
    rows = client.json("port", "list", "--fixed-ip", f"subnet={name}-4,ip-address=10.7.0.50")
    expect("ports", [row["Name"] for row in rows], [name])


def floating(client: Client, made: Made, name: str) -> str:
    """An address, which led to the port for a while."""
    address = client.json("floating", "ip", "create", f"{name}-out")["floating_ip_address"]
    made.remove("floating", "ip", "delete", address)
    client.text("floating", "ip", "set", "--port", name, address)
    shown = client.json("floating", "ip", "show", address)
    expect("floating", shown["fixed_ip_address"], "10.7.0.50")
    client.text("floating", "ip", "unset", "--port", address)
    rows = client.json("floating", "ip", "list", "--network", f"{name}-out")
    expect("list", [row["Floating IP Address"] for row in rows], [address])
    expect("unset", rows[0]["Port"], None)
    return str(address)


def server(client: Client, made: Made, name: str, image: str, address: str) -> None:
    """One with a network and a port, by name, and a floating address."""
    client.text("flavor", "create", "--ram", "128", "--disk", "1", "--vcpus", "1", name)
    made.remove("flavor", "delete", name)
    client.text("server", "create", "--image", image, "--flavor", name, "--network", name,
                "--port", name, "--security-group", name, "--wait", name)  # fmt: skip
    made.remove("server", "delete", "--wait", name)
    shown = client.json("server", "show", name)
    expect("server", shown["status"], "ACTIVE")
    expect("addresses", "10.7.0.50" in shown["addresses"][name], True)
    expect("two of them", len(shown["addresses"][name]), 2)
    client.text("server", "add", "floating", "ip", "--fixed-ip-address", "10.7.0.50", name, address)
    found = client.json("floating", "ip", "show", address)
    expect("fixed", found["fixed_ip_address"], "10.7.0.50")
    rows = client.json("port", "list", "--server", name)
    expect("ports", len(rows), 2)
    client.text("server", "remove", "floating", "ip", name, address)
    found = client.json("floating", "ip", "show", address)
    expect("nowhere", found["port_id"], None)
    client.text("server", "add", "fixed", "ip", name, name)
    before = set(client.json("server", "show", name)["addresses"][name])
    expect("one more", len(before), 3)
    gone = (before - set(shown["addresses"][name])).pop()
    # the client asks for the newest version that there is, which has no such call
    Client("2.43").text("server", "remove", "fixed", "ip", name, gone)
    expect("one less", set(client.json("server", "show", name)["addresses"][name]), before - {gone})
    client.text("port", "set", "--fixed-ip", f"subnet={name}-4", name)
    fixed = client.json("port", "show", name)["fixed_ips"]
    expect("added to the port", len(fixed), 2)


def around(client: Client, project: str) -> None:
    aliases = {row["Alias"] for row in client.json("extension", "list", "--network")}
    expect("extensions", {"security-group", "external-net"} <= aliases, True)
    limits = client.json("quota", "show", "--network", project)
    rows = {row["Resource"]: row["Limit"] for row in limits} if isinstance(limits, list) else limits
    expect("quota", any(name.startswith("floating") for name in rows), True)
    client.text("quota", "show", "--network", "--usage", project)
    for options in ([], ["--usage"], ["--default"]):
        rows = client.json("quota", "show", *options, project)
        names = {row["Resource"] for row in rows} if isinstance(rows, list) else set(rows)
        expect("quota of all services", {"instances", "networks"} <= names, True)
    client.text("quota", "delete", project)
    expect("routers", client.json("router", "list"), [])
    expect("agents", client.json("network", "agent", "list"), [])
    client.text("availability", "zone", "list", "--network")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", required=True, help="id or name")
    parser.add_argument("--project", default="admin", help="whose quota is shown")
    args = parser.parse_args(argv)
    client = Client(None)
    name = f"net-{uuid.uuid4().hex[:8]}"
    around(client, args.project)
    with ExitStack() as stack:
        made = Made(client, stack)
        networks(client, made, name)
        groups(client, made, name)
        ports(client, made, name)
        address = floating(client, made, name)
        server(client, made, name, args.image, address)
    print("openstackclient: all as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
