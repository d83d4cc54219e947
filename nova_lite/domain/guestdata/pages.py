# SPDX-License-Identifier: Apache-2.0
"""What the metadata service answers for a path."""

from typing import Final

import msgspec

from nova_lite.domain.guestdata import ec2, openstack
from nova_lite.domain.guestdata.value import GuestData, Surroundings

TEXT: Final = "text/plain"
JSON: Final = "application/json"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    content: bytes
    content_type: str = TEXT


def parts_of(path: str) -> list[str]:
    """The parts of a path, with the tree it is in as the first one. Empty parts do not count;
    what names neither tree is in EC2's."""
    parts = [part for part in path.split("/") if part]
    return parts if parts and parts[0] in ("ec2", "openstack") else ["ec2", *parts]


def is_password(path: str) -> bool:
    """Whether a path is the place where a guest puts its password."""
    match parts_of(path):
        case ["openstack", version, openstack.PASSWORD]:
            return (openstack.resolve(version) or "") >= openstack.GRIZZLY
    return False


def page(path: str, data: GuestData, around: Surroundings) -> Page | None:
    """None: there is nothing at this path."""
    tree, *rest = parts_of(path)
    if not rest:
        versions = ec2.VERSIONS if tree == "ec2" else openstack.VERSIONS
        return _list([*versions, "latest"])
    if tree == "openstack":
        return _openstack(rest, data, around)
    version = ec2.resolve(rest[0])
    if version is None:
        return None
    node = ec2.find(ec2.tree(data, around, version), rest[1:])
    return None if node is None else Page(content=ec2.render(node))


def _openstack(rest: list[str], data: GuestData, around: Surroundings) -> Page | None:
    version = openstack.resolve(rest[0])
    if version is None or len(rest) > 2:
        return None
    if len(rest) == 1:
        return _list(openstack.listing(data, around, version))
    content = openstack.document(data, around, version, rest[1])
    if content is None:
        return None
    kind = JSON if rest[1].endswith(".json") else TEXT
    return Page(content=content, content_type=kind)


def _list(names: list[str]) -> Page:
    return Page(content="\n".join(names).encode())
