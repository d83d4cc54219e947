# SPDX-License-Identifier: Apache-2.0
"""What is remembered of a server on the shelf, and where it may go from there. Pure.

It is in the system metadata of the server, under the names that clients of metadata know.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from nova_lite.domain.instance import Instance
from nova_lite.domain.request import RequestSpec

AT: Final = "shelved_at"
IMAGE: Final = "shelved_image_id"
HOST: Final = "shelved_host"
NAMES: Final = (AT, IMAGE, HOST)


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Since when, the image that was made of it, and where it was."""

    at: dt.datetime
    image_id: str | None = None
    host: str | None = None


def marked(metadata: Mapping[str, str], mark: Mark) -> dict[str, str]:
    """System metadata with the mark."""
    values = {AT: mark.at.isoformat(), IMAGE: mark.image_id, HOST: mark.host}
    return {**unmarked(metadata), **{k: v for k, v in values.items() if v is not None}}


def unmarked(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in metadata.items() if name not in NAMES}


def image_of(instance: Instance) -> str | None:
    """The image that was made of it when it was shelved."""
    return instance.system_metadata.get(IMAGE)


def shelved_at(instance: Instance) -> dt.datetime | None:
    text = instance.system_metadata.get(AT)
    return dt.datetime.fromisoformat(text) if text else None


def wanted_zone(instance: Instance, wish: Mapping[str, Any]) -> str | None:
    """The zone that it is pinned to from now on. In `wish` None unpins; not there: as before."""
    if "availability_zone" in wish:
        zone: str | None = wish["availability_zone"]
        return zone
    return instance.pinned_availability_zone


def wanted_spec(spec: RequestSpec, instance: Instance, wish: Mapping[str, Any]) -> RequestSpec:
    """What placing it again needs. Where it was forced to at first does not count any more."""
    return replace(
        spec,
        availability_zone=wanted_zone(instance, wish),
        forced_host=None,
        forced_node=None,
        requested_host=wish.get("host"),
        requested_node=None,
    )
