# SPDX-License-Identifier: Apache-2.0
"""Flavors: how large a server is."""

import datetime as dt

import msgspec


class Flavor(msgspec.Struct, frozen=True, kw_only=True):
    """A flavor as stored, and as embedded in an instance when it was built.

    Units: memory_mb and swap_mb in MiB, root_gb and ephemeral_gb in GiB. `flavorid` is the
    id that users know; `id` the row's.
    """

    flavorid: str
    name: str
    vcpus: int
    memory_mb: int
    root_gb: int
    ephemeral_gb: int = 0
    swap_mb: int = 0
    rxtx_factor: float = 1.0
    is_public: bool = True
    disabled: bool = False
    description: str | None = None
    extra_specs: dict[str, str] = {}
    id: int = 0
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


class FlavorQuery(msgspec.Struct, frozen=True, kw_only=True):
    """is_public: True, False, or None for both (None and False are for admins only)."""

    is_public: bool | None = True
    min_ram: int | None = None
    min_disk: int | None = None
    name: str | None = None
    limit: int = 1000
    marker: str | None = None
    sort_key: str = "flavorid"
    sort_dir: str = "asc"


class FlavorAccess(msgspec.Struct, frozen=True, kw_only=True):
    flavorid: str
    project_id: str
