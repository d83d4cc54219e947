# SPDX-License-Identifier: Apache-2.0
"""The volume port, in the shape of the Block Storage attachments API."""

from typing import Any, Protocol

import msgspec

from nova_lite.base.context import RequestContext


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """size in GiB; status: available, reserved, in-use, attaching, detaching, error."""

    id: str
    size: int
    status: str = "available"
    bootable: bool = False
    multiattach: bool = False
    availability_zone: str | None = None
    image_metadata: dict[str, str] = {}


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    volume_id: str
    instance_uuid: str
    status: str = "reserved"
    connection_info: dict[str, Any] = {}


class VolumePort(Protocol):
    """Every method may be called twice. Raises VolumeNotFound, VolumeUnavailable, Invalid."""

    def get(self, context: RequestContext, volume_id: str) -> Volume: ...

    def create(
        self,
        context: RequestContext,
        *,
        size: int,
        image_id: str | None = None,
        snapshot_id: str | None = None,
        volume_type: str | None = None,
        availability_zone: str | None = None,
        name: str = "",
    ) -> Volume: ...

    def delete(self, context: RequestContext, volume_id: str) -> None: ...

    def reserve(
        self, context: RequestContext, volume_id: str, instance_uuid: str
    ) -> Attachment: ...

    def connect(
        self, context: RequestContext, attachment_id: str, connector: dict[str, Any]
    ) -> Attachment:
        """`connector` describes the host; connection_info comes back filled."""
        ...

    def complete(self, context: RequestContext, attachment_id: str) -> None: ...

    def detach(self, context: RequestContext, attachment_id: str) -> None: ...
