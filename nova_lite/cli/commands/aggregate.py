# SPDX-License-Identifier: Apache-2.0
"""Host aggregates: groups of hosts, availability zones among them."""

import argparse
from typing import Any

from nova_lite.cli.commands.server import key_values
from nova_lite.cli.each import for_each
from nova_lite.cli.errors import Refused, UsageError
from nova_lite.cli.output import Do, ListThem, ShowIt, Told, fields, listed, rows


def _find(api: Any, wanted: str) -> dict[str, Any]:
    """By name or id."""
    found = api.get("/os-aggregates")["aggregates"]
    for aggregate in found:
        if wanted in (str(aggregate["id"]), aggregate["name"]):
            return dict(aggregate)
    raise Refused(f"no aggregate with name or id {wanted!r}", 404)


def _flat(aggregate: dict[str, Any]) -> dict[str, Any]:
    wanted = ("id", "uuid", "name", "availability_zone", "hosts", "metadata")
    flat = {name: aggregate.get(name) for name in wanted if name in aggregate}
    if "hosts" in flat:
        flat["hosts"] = listed(aggregate["hosts"])
    if "metadata" in flat:
        metadata = flat["metadata"] or {}
        words = ", ".join(f"{key}={value}" for key, value in sorted(metadata.items()))
        flat["metadata"] = Told(metadata, words)
    return flat


class _OnOne:
    """The parser of a command about one aggregate."""

    @staticmethod
    def add(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
        parser.add_argument("aggregate", help="name or id")
        return parser


class ListAggregates(ListThem):
    """List host aggregates.

    Example: nova-lite aggregate list -f json
    """

    def take_action(self, args: argparse.Namespace) -> Any:
        found = [_flat(one) for one in self.api.get("/os-aggregates")["aggregates"]]
        names = ["id", "name", "availability_zone", "hosts", "metadata"]
        return rows(["ID", "Name", "Zone", "Hosts", "Metadata"], names, found)


class ShowAggregate(ShowIt):
    """Show a host aggregate.

    Example: nova-lite aggregate show rack7
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return _OnOne.add(super().get_parser(prog_name))

    def take_action(self, args: argparse.Namespace) -> Any:
        return fields(_flat(_find(self.api, args.aggregate)))


class CreateAggregate(ShowIt):
    """Create a host aggregate, which may be an availability zone.

    Example: nova-lite aggregate create --zone north rack7
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name")
        parser.add_argument("--zone", help="the availability zone that its hosts are in")
        parser.add_argument("--property", action="append", metavar="KEY=VALUE", default=[])
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        metadata = key_values(args.property)
        wish = {"name": args.name, **({"availability_zone": args.zone} if args.zone else {})}
        made = self.api.post("/os-aggregates", {"aggregate": wish})["aggregate"]
        if metadata:
            body = {"set_metadata": {"metadata": metadata}}
            made = self.api.post(f"/os-aggregates/{made['id']}/action", body)["aggregate"]
        return fields(_flat(made))


class SetAggregate(Do):
    """Change name, zone and metadata of a host aggregate.

    Example: nova-lite aggregate set --zone south --property ssd=true rack7
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _OnOne.add(super().get_parser(prog_name))
        parser.add_argument("--name", help="a new one")
        parser.add_argument("--zone", help="another availability zone")
        parser.add_argument("--property", action="append", metavar="KEY=VALUE", default=[])
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        metadata = key_values(args.property)
        wish = {"name": args.name, "availability_zone": args.zone}
        wish = {key: value for key, value in wish.items() if value}
        if not wish and not metadata:
            raise UsageError("say what to change: --name, --zone or --property")
        path = f"/os-aggregates/{_find(self.api, args.aggregate)['id']}"
        if wish:
            self.api.put(path, {"aggregate": wish})
        if metadata:
            self.api.post(f"{path}/action", {"set_metadata": {"metadata": metadata}})


class UnsetAggregate(Do):
    """Take metadata away from a host aggregate.

    Example: nova-lite aggregate unset --property ssd rack7
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _OnOne.add(super().get_parser(prog_name))
        parser.add_argument("--property", action="append", metavar="KEY", required=True)
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        body = {"set_metadata": {"metadata": dict.fromkeys(args.property)}}
        path = f"/os-aggregates/{_find(self.api, args.aggregate)['id']}/action"
        self.api.post(path, body)


class DeleteAggregate(Do):
    """Delete host aggregates that have no hosts.

    Example: nova-lite aggregate delete rack7
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("aggregate", nargs="+", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(wanted: str) -> None:
            self.api.delete(f"/os-aggregates/{_find(self.api, wanted)['id']}")

        for_each("aggregates", args.aggregate, delete)


class _Host(ShowIt):
    """An action with one host."""

    action = ""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _OnOne.add(super().get_parser(prog_name))
        parser.add_argument("host")
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        path = f"/os-aggregates/{_find(self.api, args.aggregate)['id']}/action"
        return fields(_flat(self.api.post(path, {self.action: {"host": args.host}})["aggregate"]))


class AddHost(_Host):
    """Add a compute host to an aggregate.

    Example: nova-lite aggregate add host rack7 compute1
    """

    action = "add_host"


class RemoveHost(_Host):
    """Remove a compute host from an aggregate.

    Example: nova-lite aggregate remove host rack7 compute1
    """

    action = "remove_host"


class CacheImages(Do):
    """Have the hosts of an aggregate fetch images, so that servers start sooner.

    Example: nova-lite aggregate cache image rack7 debian-12
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _OnOne.add(super().get_parser(prog_name))
        parser.add_argument("image", nargs="+", help="name or id")
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        found = dict.fromkeys(self.api.image_named(wanted)["id"] for wanted in args.image)
        path = f"/os-aggregates/{_find(self.api, args.aggregate)['id']}/images"
        self.api.post(path, {"cache": [{"id": image_id} for image_id in found]})
