# SPDX-License-Identifier: Apache-2.0
"""Networks."""

import argparse
from typing import Any

from nova_lite.cli.networking import (
    NETWORK,
    CreateResource,
    DeleteResources,
    Filter,
    ListResources,
    SetResource,
    ShowResource,
    add_project,
    add_switch,
    given,
)
from nova_lite.cli.output import listed


class _Network:
    noun = NETWORK

    def flat(self, network: dict[str, Any]) -> dict[str, Any]:
        return {**network, "subnets": listed(network["subnets"])}


class ListNetworks(_Network, ListResources):
    """List networks: one's own, shared and external ones.

    Example: nova-lite network list --external -f json
    """

    columns = (
        ("ID", "id"),
        ("Name", "name"),
        ("Subnets", "subnets"),
        ("Shared", "shared"),
        ("External", "router:external"),
        ("MTU", "mtu"),
    )
    filters = (
        Filter("name", "name"),
        Filter("project", "project_id", "name or id", project=True),
        Filter("external", "router:external", "only these", value="true"),
        Filter("shared", "shared", "only these", value="true"),
    )


class ShowNetwork(_Network, ShowResource):
    """Show a network.

    Example: nova-lite network show private
    """


class CreateNetwork(_Network, CreateResource):
    """Create a network.

    Examples:
      nova-lite network create private
      nova-lite network create --external --mode flat --physical-network provider public
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("name")
        add("--description")
        add("--mtu", type=int, metavar="BYTES")
        add("--external", action="store_const", const=True, help="gives floating ips (admins only)")
        add("--share", action="store_const", const=True, help="with all projects (admins only)")
        add(
            "--mode",
            "--provider-network-type",
            choices=("vxlan", "vlan", "flat"),
            help="admins only",
        )
        add(
            "--physical-network",
            "--provider-physical-network",
            metavar="NAME",
            help="of vlan and flat networks (admins only)",
        )
        add("--segment", "--provider-segment", type=int, help="VLAN tag or VNI (admins only)")
        add_switch(parser, "enable-port-security", "disable-port-security", "port_security")
        add_project(parser)
        return parser

    def values(self, args: argparse.Namespace) -> dict[str, Any]:
        return given(
            args,
            name="name",
            description="description",
            mtu="mtu",
            shared="share",
            project_id="project",
            port_security_enabled="port_security",
            **{
                "router:external": "external",
                "provider:network_type": "mode",
                "provider:physical_network": "physical_network",
                "provider:segmentation_id": "segment",
            },
        )


class SetNetwork(SetResource):
    """Change a network.

    Example: nova-lite network set --name other --mtu 1400 private
    """

    noun = NETWORK

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--name")
        parser.add_argument("--description")
        parser.add_argument("--mtu", type=int, metavar="BYTES")
        add_switch(parser, "enable", "disable", "state")
        add_switch(parser, "share", "no-share", "share", words="with all projects (admins only)")
        add_switch(parser, "external", "internal", "external", words="admins only")
        add_switch(parser, "enable-port-security", "disable-port-security", "port_security")
        return parser

    def values(self, args: argparse.Namespace, now: dict[str, Any]) -> dict[str, Any]:
        return given(
            args,
            name="name",
            description="description",
            mtu="mtu",
            admin_state_up="state",
            shared="share",
            port_security_enabled="port_security",
            **{"router:external": "external"},
        )


class DeleteNetworks(DeleteResources):
    """Delete networks with their subnets, if no port is in use.

    Example: nova-lite network delete private other
    """

    noun = NETWORK
