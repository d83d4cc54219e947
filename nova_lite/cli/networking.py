# SPDX-License-Identifier: Apache-2.0
"""The Networking API as commands use it: nouns, finding by name, and base classes."""

import argparse
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Final
from urllib.parse import quote

from nova_lite.cli.each import for_each
from nova_lite.cli.errors import Refused, UsageError
from nova_lite.cli.http import Api
from nova_lite.cli.output import Do, ListThem, ShowIt, fields, rows
from nova_lite.cli.projects import project_id

Json = dict[str, Any]

_PAGE: Final = 500


@dataclass(frozen=True)
class Noun:
    """A kind of resource: in words, in paths and in bodies. `name` is what people know it by."""

    words: str
    path: str
    one: str
    name: str = "name"

    @property
    def many(self) -> str:
        return f"{self.one}s"


NETWORK: Final = Noun("network", "networks", "network")
SUBNET: Final = Noun("subnet", "subnets", "subnet")
PORT: Final = Noun("port", "ports", "port")
FLOATING_IP: Final = Noun("floating ip", "floatingips", "floatingip", name="floating_ip_address")
GROUP: Final = Noun("security group", "security-groups", "security_group")
RULE: Final = Noun("security group rule", "security-group-rules", "security_group_rule", "id")


class Networking:
    """Calls of the Networking API, wherever the cloud has it."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        service = self._api.network
        return self._api.call(method, f"/v2.0/{path}", body, query=query, service=service)

    def list(self, noun: Noun, **query: Any) -> Iterator[Json]:
        """All that the filters let through, page after page."""
        marker = None
        while True:
            page = self.call("GET", noun.path, limit=_PAGE, marker=marker, **query)
            yield from page[noun.many]
            if f"{noun.many}_links" not in page:
                return
            marker = page[noun.many][-1]["id"]

    def find(self, noun: Noun, wanted: str) -> Json:
        """The one with this id or name; of several, the one of the caller's project. Raises
        Refused when there is none, or more than one."""
        if is_id(wanted):
            try:
                return self.call("GET", f"{noun.path}/{quote(wanted, safe='')}")[noun.one]
            except Refused as error:
                if error.status != 404:
                    raise
        found = list(self.list(noun, **{noun.name: wanted}))
        if len(found) > 1:
            mine = self._api.project_id()
            found = [each for each in found if mine and each.get("project_id") == mine] or found
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(each["id"] for each in found)
            raise Refused(f"more than one {noun.words} is called {wanted!r}: {ids}", 409)
        raise Refused(f"no {noun.words} is called {wanted!r}", 404)

    def id(self, noun: Noun, wanted: str) -> str:
        """An id as it is; the id of what is called so."""
        return wanted if is_id(wanted) else self.find(noun, wanted)["id"]

    def create(self, noun: Noun, **values: Any) -> Json:
        return self.call("POST", noun.path, {noun.one: values})[noun.one]

    def update(self, noun: Noun, resource_id: str, **values: Any) -> Json:
        return self.call("PUT", f"{noun.path}/{resource_id}", {noun.one: values})[noun.one]

    def delete(self, noun: Noun, resource_id: str) -> None:
        self.call("DELETE", f"{noun.path}/{resource_id}")


def is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def parts(
    text: str, form: str, names: Mapping[str, str], needed: Collection[str] = ()
) -> dict[str, str]:
    """ "subnet=a,address=b" by what `names` has for each key, with all of `needed`.

    `form` in words. Raises UsageError.
    """
    found: dict[str, str] = {}
    for piece in text.split(","):
        key, _, value = piece.partition("=")
        name = names.get(key)
        if name is None or name in found or not value:
            break
        found[name] = value
    else:
        if found.keys() >= set(needed):
            return found
    raise UsageError(f"{text!r} is not of the form {form}")


def shown(resource: Json) -> tuple[Sequence[str], Sequence[Any]]:
    """One resource without the names that say the same."""
    return fields({name: value for name, value in resource.items() if name != "tenant_id"})


# --- commands ------------------------------------------------------------------------------------


class _Networked:
    noun: ClassVar[Noun]
    api: Any

    def flat(self, resource: Json) -> Json:
        """A resource whose lists and objects people are told in words."""
        return resource

    @cached_property
    def networking(self) -> Networking:
        return Networking(self.api)


@dataclass(frozen=True)
class Filter:
    """An option of a list: `--name X` asks for `key`=X; `noun`: X may be its name; `server`: X may
    be that of a server; `project`: or that of a project; `value`: the option is a flag that asks
    for this."""

    option: str
    key: str
    help: str = ""
    noun: Noun | None = None
    value: str | None = None
    server: bool = False
    project: bool = False


class ListResources(_Networked, ListThem):
    """List resources; `columns` are (title, key)."""

    columns: ClassVar[tuple[tuple[str, str], ...]]
    filters: ClassVar[tuple[Filter, ...]] = ()

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        for each in self.filters:
            how: Json = {"action": "store_true"} if each.value else {}
            parser.add_argument(f"--{each.option}", help=each.help, **how)
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        query = {}
        for each in self.filters:
            given = getattr(args, each.option.replace("-", "_"))
            if given:
                query[each.key] = each.value or self._meant(each, given)
        found = [self.flat(one) for one in self.networking.list(self.noun, **query)]
        titles, keys = zip(*self.columns, strict=True)
        return rows(titles, keys, found)

    def _meant(self, by: Filter, given: str) -> str:
        if by.noun:
            return self.networking.id(by.noun, given)
        if by.server and not is_id(given):
            return str(self.api.server(given)["id"])
        if by.project:
            return project_id(self.api, given, gone=True)
        return given


class ShowResource(_Networked, ShowIt):
    """Show one resource."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("wanted", metavar=self.noun.one, help=_which(self.noun))
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        return shown(self.flat(self.networking.find(self.noun, args.wanted)))


class CreateResource(_Networked, ShowIt):
    """Create a resource from what `values` makes of the arguments, and show it."""

    def values(self, args: argparse.Namespace) -> Json:
        raise NotImplementedError

    def take_action(self, args: argparse.Namespace) -> Any:
        if getattr(args, "project", None):
            args.project = project_id(self.api, args.project)
        made = self.networking.create(self.noun, **self.values(args))
        return shown(self.flat(made))


class SetResource(_Networked, Do):
    """Change a resource by what `values` makes of the arguments and of how it is now."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("wanted", metavar=self.noun.one, help=_which(self.noun))
        return parser

    def values(self, args: argparse.Namespace, now: Json) -> Json:
        raise NotImplementedError

    def take_action(self, args: argparse.Namespace) -> None:
        now = self.networking.find(self.noun, args.wanted)
        values = self.values(args, now)
        if not values:
            raise UsageError("nothing to change: give an option (see --help)")
        self.networking.update(self.noun, now["id"], **values)


class DeleteResources(_Networked, Do):
    """Delete resources."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("wanted", metavar=self.noun.one, nargs="+", help=_which(self.noun))
        return parser

    def take_action(self, args: argparse.Namespace) -> None:
        def delete(wanted: str) -> None:
            found = self.networking.find(self.noun, wanted)
            self.networking.delete(self.noun, found["id"])

        for_each(f"{self.noun.words}s", args.wanted, delete)


def _which(noun: Noun) -> str:
    return {"name": "name or id", "id": "id"}.get(noun.name, "address or id")


def given(args: argparse.Namespace, **names: str) -> Json:
    """attribute=argument: those that were given (not None)."""
    found = {attribute: getattr(args, argument) for attribute, argument in names.items()}
    return {attribute: value for attribute, value in found.items() if value is not None}


def add_switch(
    parser: argparse.ArgumentParser, yes: str, no: str, dest: str, words: str | None = None
) -> None:
    """Two options for yes and no; neither: None."""
    both = parser.add_mutually_exclusive_group()
    add = both.add_argument
    add(f"--{yes}", dest=dest, action="store_true", default=None, help=words)
    add(f"--{no}", dest=dest, action="store_false", default=None)


def add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project", help="whose it will be; name or id (admins only)")
