# SPDX-License-Identifier: Apache-2.0
"""`nova-lite network`, `subnet`, `port`, `floating ip` and `security group` against a cloud.

OS_CLOUD=nova-lite python -m tests.integration.cli_network_commands --image tiny
"""

import argparse
import json
import subprocess
import sys
import uuid
from typing import Any

from tests.integration.osc_commands import expect

WAIT = 120.0


def run(*words: str, code: int = 0) -> str:
    """What it printed; on standard error when another exit code is expected."""
    command = [sys.executable, "-m", "nova_lite.cli.main", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT, check=False)
    if done.returncode != code:
        raise AssertionError(f"nova-lite {' '.join(words)}: {done.returncode}\n{done.stderr}")
    print(f"ok  nova-lite {' '.join(words)}", flush=True)
    return done.stderr if code else done.stdout


def shown(*words: str) -> Any:
    return json.loads(run(*words, "-f", "json"))


def addresses(fixed: list[dict[str, str]]) -> list[str]:
    return [each["ip_address"] for each in fixed]


def networks(name: str) -> None:
    made = shown("network", "create", "--description", "d", "--mtu", "1400", name)
    expect("network", (made["name"], made["mtu"]), (name, 1400))
    run("network", "set", "--description", "other", name)
    expect("network", shown("network", "show", made["id"])["description"], "other")
    run("network", "create", "--external", "--mode", "flat", "--physical-network", name,
        f"{name}-out")  # fmt: skip
    rows = shown("network", "list", "--external", "--name", f"{name}-out")
    expect("external", [(row["Name"], row["External"]) for row in rows], [(f"{name}-out", True)])
    subnet = shown("subnet", "create", "--network", name, "--cidr", "10.8.0.0/24",
                   "--pool", "10.8.0.10-10.8.0.99", "--dns", "192.0.2.53",
                   "--route", "destination=10.9.0.0/16,nexthop=10.8.0.2", f"{name}-4")  # fmt: skip
    expect("pools", subnet["allocation_pools"], [{"start": "10.8.0.10", "end": "10.8.0.99"}])
    route = {"destination": "10.9.0.0/16", "nexthop": "10.8.0.2"}
    expect("routes", subnet["host_routes"], [route])
    run("subnet", "set", "--no-routes", "--no-dhcp", f"{name}-4")
    subnet = shown("subnet", "show", f"{name}-4")
    expect("subnet", (subnet["host_routes"], subnet["enable_dhcp"]), ([], False))
    run("subnet", "create", "--network", f"{name}-out", "--cidr", "192.0.2.0/24", "--no-dhcp",
        f"{name}-out-4")  # fmt: skip
    rows = shown("subnet", "list", "--network", name)
    expect("subnets", [row["CIDR"] for row in rows], ["10.8.0.0/24"])


def groups(name: str) -> None:
    run("security", "group", "create", name)
    run("security", "group", "set", "--description", "d", name)
    rule = ("security", "group", "rule", "create")
    made = shown(*rule, "--protocol", "tcp", "--port", "22", name)
    run(*rule, "--protocol", "icmp", "--port", "8", "--remote-range", "192.0.2.0/24", name)
    run(*rule, "--egress", "--ethertype", "IPv6", "--remote-group", name, name)
    rows = shown("security", "group", "rule", "list", "--group", name, "--ingress")
    expect("ports", sorted(row["Ports"] for row in rows), ["22", "8:"])
    words = run("security", "group", "show", name, "-f", "value", "-c", "security_group_rules")
    expect("words", "ingress IPv4 tcp 22 from any" in words.splitlines(), True)
    run("security", "group", "rule", "delete", made["id"])
    expect(
        "groups", [g["Name"] for g in shown("security", "group", "list", "--name", name)], [name]
    )


def ports(name: str) -> None:
    made = shown("port", "create", "--network", name, "--security-group", name,
                 "--fixed-ip", f"subnet={name}-4,address=10.8.0.50",
                 "--allowed-address", "address=10.8.0.60", name)  # fmt: skip
    expect("addresses", addresses(made["fixed_ips"]), ["10.8.0.50"])
    run("port", "set", "--no-allowed-address", "--disable", name)
    port = shown("port", "show", name)
    expect("port", (port["allowed_address_pairs"], port["admin_state_up"]), ([], False))
    run("port", "set", "--enable", name)
    expect("ports", [row["Name"] for row in shown("port", "list", "--network", name)], [name])


def server(name: str, image: str) -> None:
    """With a network by its name, a port by its name, and a floating ip."""
    run("flavor", "create", "--vcpus", "1", "--ram", "128", "--disk", "1", name)
    make = ("server", "create", "--image", image, "--flavor", name)
    run(*make, "--network", "none", "--network", name, name, code=2)
    run(*make, "--network", name, "--port", name, "--security-group", name, "--wait", f"{name}-2")
    rows = shown("server", "interface", "list", f"{name}-2")
    expect("interfaces", addresses(rows[1]["Addresses"]), ["10.8.0.50"])
    run("server", "delete", "--wait", f"{name}-2")
    run(*make, "--network", name, "--wait", name)
    run("server", "add", "port", name, name)
    run("server", "add", "security", "group", name, name)
    run("server", "remove", "security", "group", name, name)
    rows = shown("server", "interface", "list", name)
    expect("interfaces", ["10.8.0.50"] in [addresses(row["Addresses"]) for row in rows], True)
    address = shown("floating", "ip", "create", f"{name}-out")["floating_ip_address"]
    run("server", "add", "floating", "ip", "--fixed-ip", "10.8.0.50", name, address)
    found = shown("floating", "ip", "show", address)
    expect("floating", found["fixed_ip_address"], "10.8.0.50")
    run("server", "remove", "floating", "ip", name, address)
    said = run("server", "remove", "floating", "ip", name, address, code=1)
    expect("twice", "does not lead to server" in said, True)
    run("floating", "ip", "set", "--port", name, address)
    rows = shown("floating", "ip", "list", "--port", name)
    expect("list", [row["Address"] for row in rows], [address])
    run("floating", "ip", "set", "--no-port", address)
    run("floating", "ip", "delete", address)
    run("server", "delete", "--wait", name)
    run("flavor", "delete", name)


def refusals(name: str) -> None:
    expect("none", "no network is called" in run("network", "show", "nobody", code=1), True)
    expect("wrong", "(HTTP 400" in run("subnet", "create", "--network", name, "--cidr",
           "10.0.0.0/40", "x", code=1), True)  # fmt: skip
    expect("nothing", "nothing to change" in run("port", "set", name, code=2), True)
    expect("in use", "(HTTP 409" in run("subnet", "delete", f"{name}-4", code=1), True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--image", required=True, help="id or name")
    args = parser.parse_args(argv)
    name = f"cli-{uuid.uuid4().hex[:8]}"
    networks(name)
    groups(name)
    ports(name)
    refusals(name)
    server(name, args.image)
    run("port", "delete", name)
    run("security", "group", "delete", name)
    run("subnet", "delete", f"{name}-4")
    run("network", "delete", name, f"{name}-out")
    print("nova-lite: all as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
