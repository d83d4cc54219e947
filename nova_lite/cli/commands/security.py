# SPDX-License-Identifier: Apache-2.0
"""Security groups and their rules."""

import argparse
from typing import Any

from nova_lite.cli.networking import (
    GROUP,
    RULE,
    CreateResource,
    DeleteResources,
    Filter,
    ListResources,
    SetResource,
    ShowResource,
    add_project,
    given,
)
from nova_lite.cli.output import Do, Told


def _ports(rule: dict[str, Any]) -> str:
    least, most = rule["port_range_min"], rule["port_range_max"]
    if least is None and most is None:
        return ""
    return str(least) if least == most else f"{least}:{'' if most is None else most}"


def _rule_in_words(rule: dict[str, Any]) -> str:
    remote = rule["remote_ip_prefix"] or rule["remote_group_id"] or "any"
    protocol = rule["protocol"] or "any"
    words = f"{rule['direction']} {rule['ethertype']} {protocol} {_ports(rule)}".rstrip()
    return f"{words} {'from' if rule['direction'] == 'ingress' else 'to'} {remote}"


class _Group:
    noun = GROUP

    def flat(self, group: dict[str, Any]) -> dict[str, Any]:
        rules = group["security_group_rules"]
        words = "\n".join(_rule_in_words(rule) for rule in rules)
        return {**group, "security_group_rules": Told(rules, words)}


class _Rule:
    noun = RULE

    def flat(self, rule: dict[str, Any]) -> dict[str, Any]:
        return {**rule, "ports": _ports(rule)}


class ListGroups(ListResources):
    """List security groups.

    Example: nova-lite security group list
    """

    noun = GROUP
    columns = (
        ("ID", "id"),
        ("Name", "name"),
        ("Description", "description"),
        ("Project", "project_id"),
    )
    filters = (Filter("name", "name"), Filter("project", "project_id", "name or id", project=True))


class ShowGroup(_Group, ShowResource):
    """Show a security group and its rules.

    Example: nova-lite security group show web
    """


class CreateGroup(_Group, CreateResource):
    """Create a security group. At first its members may send everything, and nothing comes in.

    Examples:
      nova-lite security group create web
      nova-lite security group rule create --protocol tcp --port 443 web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name")
        parser.add_argument("--description")
        add_project(parser)
        return parser

    def values(self, args: argparse.Namespace) -> dict[str, Any]:
        return given(args, name="name", description="description", project_id="project")


class SetGroup(SetResource):
    """Rename or describe a security group.

    Example: nova-lite security group set --description frontends web
    """

    noun = GROUP

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--name")
        parser.add_argument("--description")
        return parser

    def values(self, args: argparse.Namespace, now: dict[str, Any]) -> dict[str, Any]:
        return given(args, name="name", description="description")


class DeleteGroups(DeleteResources):
    """Delete security groups that no port is in.

    Example: nova-lite security group delete web db
    """

    noun = GROUP


class ListRules(_Rule, ListResources):
    """List rules of security groups.

    Example: nova-lite security group rule list --group web
    """

    columns = (
        ("ID", "id"),
        ("Group", "security_group_id"),
        ("Direction", "direction"),
        ("Ethertype", "ethertype"),
        ("Protocol", "protocol"),
        ("Ports", "ports"),
        ("Remote range", "remote_ip_prefix"),
        ("Remote group", "remote_group_id"),
    )
    filters = (
        Filter("group", "security_group_id", "name or id", noun=GROUP),
        Filter("protocol", "protocol"),
        Filter("ingress", "direction", "only these", value="ingress"),
        Filter("egress", "direction", "only these", value="egress"),
    )


class ShowRule(ShowResource):
    """Show a rule of a security group.

    Example: nova-lite security group rule show 5f2a2a4b-6f1d-4f57-9a39-1f6c3f3f8f10
    """

    noun = RULE


class CreateRule(CreateResource):
    """Let something through, to or from the members of a security group.

    Examples:
      nova-lite security group rule create --protocol tcp --port 22 default
      nova-lite security group rule create --protocol icmp --remote-range 192.0.2.0/24 web
      nova-lite security group rule create --protocol tcp --port 5432 --remote-group web db
    """

    noun = RULE

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add = parser.add_argument
        add("group", help="name or id")
        add("--description")
        add("--protocol", help="tcp, udp, icmp, a number, ...; by default any")
        add("--port", "--dst-port", metavar="N[:M]", help="or type[:code] of icmp; by default any")
        add("--ethertype", choices=("IPv4", "IPv6"), default="IPv4")
        remote = parser.add_mutually_exclusive_group()
        remote.add_argument(
            "--remote-range", "--remote-ip", metavar="CIDR", help="by default any address"
        )
        remote.add_argument("--remote-group", help="the members of this group; name or id")
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--ingress", dest="way", action="store_const", const="ingress",
                          default="ingress", help="to members; so by default")  # fmt: skip
        ways.add_argument("--egress", dest="way", action="store_const", const="egress",
                          help="from members")  # fmt: skip
        add_project(parser)
        return parser

    def values(self, args: argparse.Namespace) -> dict[str, Any]:
        values = given(
            args,
            direction="way",
            ethertype="ethertype",
            protocol="protocol",
            description="description",
            remote_ip_prefix="remote_range",
            project_id="project",
        )
        values["security_group_id"] = self.networking.id(GROUP, args.group)
        if args.remote_group is not None:
            values["remote_group_id"] = self.networking.id(GROUP, args.remote_group)
        if args.port is not None:
            least, colon, most = args.port.partition(":")
            values["port_range_min"] = least
            if colon or not (args.protocol or "").lower().startswith(("icmp", "ipv6-icmp")):
                values["port_range_max"] = most if colon else least
        return values


class DeleteRules(DeleteResources):
    """Delete rules of security groups.

    Example: nova-lite security group rule delete 5f2a2a4b-6f1d-4f57-9a39-1f6c3f3f8f10
    """

    noun = RULE


class _OfServer(Do):
    """What has a server and a security group."""

    verb = ""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("server", help="name or id")
        parser.add_argument("group", help="name or id of a security group")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        server = self.api.server(args.server)
        path = f"/servers/{server['id']}/action"
        self.api.post(path, {self.verb: {"name": args.group}})


class AddGroup(_OfServer):
    """Put all ports of a server into a security group.

    Example: nova-lite server add security group web ssh
    """

    verb = "addSecurityGroup"


class RemoveGroup(_OfServer):
    """Take all ports of a server out of a security group.

    Example: nova-lite server remove security group web ssh
    """

    verb = "removeSecurityGroup"
