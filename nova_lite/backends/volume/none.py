# SPDX-License-Identifier: Apache-2.0
"""No volumes: whatever asks for one is told so."""

from typing import Any, NoReturn

from nova_lite.backends.volume.port import Attachment, Volume
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors


class NoVolumes:
    """The volume port, where there is none."""

    def __init__(self, conf: Any = None) -> None:
        """`conf` is not looked at."""

    def get(self, context: RequestContext, volume_id: str) -> Volume:
        _refuse()

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
    ) -> Volume:
        _refuse()

    def delete(self, context: RequestContext, volume_id: str) -> None:
        _refuse()

    def reserve(self, context: RequestContext, volume_id: str, instance_uuid: str) -> Attachment:
        _refuse()

    def connect(
        self, context: RequestContext, attachment_id: str, connector: dict[str, Any]
    ) -> Attachment:
        _refuse()

    def complete(self, context: RequestContext, attachment_id: str) -> None:
        _refuse()

    def detach(self, context: RequestContext, attachment_id: str) -> None:
        _refuse()


def _refuse() -> NoReturn:
    raise errors.Unsupported(
        "Volumes are not supported: this cloud has no volume service ([volume] backend is none)."
    )
