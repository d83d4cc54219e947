# SPDX-License-Identifier: Apache-2.0
"""Images as the compute service sees them, whatever service keeps them."""

import datetime as dt

import msgspec


class Image(msgspec.Struct, frozen=True, kw_only=True):
    """size and virtual_size in bytes; min_disk in GiB, min_ram in MiB.

    `checksum` is hex md5 (old images), `hash_algo`/`hash_value` the strong one when known.
    `status` is the image service's word: queued, saving, active, deactivated, deleted, killed.
    """

    id: str
    name: str | None = None
    status: str = "active"
    owner: str | None = None
    visibility: str = "private"
    container_format: str | None = None
    disk_format: str | None = None
    size: int | None = None
    virtual_size: int | None = None
    checksum: str | None = None
    hash_algo: str | None = None
    hash_value: str | None = None
    min_disk: int = 0
    min_ram: int = 0
    protected: bool = False
    hidden: bool = False
    tags: list[str] = []
    properties: dict[str, str] = {}
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
