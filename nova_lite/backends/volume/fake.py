# SPDX-License-Identifier: Apache-2.0
"""A volume service that only remembers volumes and attachments, with faults on demand.

With [fake] state_path it remembers in files there, so that several conductors see the same.
"""

import uuid
from pathlib import Path
from typing import Any

import msgspec

from nova_lite.backends.volume.port import Attachment, Volume
from nova_lite.base.context import RequestContext
from nova_lite.base.faults import Faults
from nova_lite.base.shelf import Shelf
from nova_lite.domain import errors

_SPACE = uuid.UUID("5b7c3a52-52dd-4a2b-8a40-2c0f4c66a9d1")


class FakeVolumes:
    """The volume port. `put` is for tests."""

    def __init__(self, conf: Any = None, faults: Faults | None = None) -> None:
        path = conf.fake.state_path if conf is not None else None
        folder = Path(path) / "volume" if path else None
        named = conf.fake.faults_file if conf is not None else None
        self.faults = faults or Faults(Path(named) if named else None)
        self.volumes: Shelf[Volume] = Shelf(Volume, folder and folder / "volumes")
        self.attachments: Shelf[Attachment] = Shelf(Attachment, folder and folder / "attachments")

    def put(self, volume: Volume) -> Volume:
        """A volume that is there, whatever it was before."""
        self.volumes.put(volume.id, volume)
        return volume

    # --- the port -------------------------------------------------------------------------

    def get(self, context: RequestContext, volume_id: str) -> Volume:
        self._meet("get")
        found = self.volumes.get(volume_id)
        if found is None:
            raise errors.VolumeNotFound(volume_id=volume_id)
        return found

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
        """One volume a name: asked for again, the same is found."""
        self._meet("create")
        volume_id = str(uuid.uuid5(_SPACE, name)) if name else str(uuid.uuid4())
        made = Volume(
            id=volume_id,
            size=size,
            bootable=image_id is not None,
            availability_zone=availability_zone,
        )
        self.volumes.add(volume_id, made)
        return self.get(context, volume_id)

    def delete(self, context: RequestContext, volume_id: str) -> None:
        self._meet("delete")
        if any(a.volume_id == volume_id for _, a in self.attachments.items()):
            raise errors.Invalid(f"Volume {volume_id} is still attached.")
        if not self.volumes.remove(volume_id):
            raise errors.VolumeNotFound(volume_id=volume_id)

    def reserve(self, context: RequestContext, volume_id: str, instance_uuid: str) -> Attachment:
        """One attachment for each volume and server: asked for again, the same is found."""
        self._meet("reserve")
        volume = self.get(context, volume_id)
        attachment_id = str(uuid.uuid5(_SPACE, f"{volume_id}/{instance_uuid}"))
        known = self.attachments.get(attachment_id)
        if known is not None:
            return known
        if volume.status != "available" and not volume.multiattach:
            raise errors.Invalid(f"Volume {volume_id} is {volume.status}, not available.")
        made = Attachment(id=attachment_id, volume_id=volume_id, instance_uuid=instance_uuid)
        self.attachments.put(attachment_id, made)
        self._set_status(volume_id, "reserved")
        return made

    def connect(
        self, context: RequestContext, attachment_id: str, connector: dict[str, Any]
    ) -> Attachment:
        self._meet("connect")
        found = self._attachment(attachment_id)
        info = {
            "driver_volume_type": "fake",
            "data": {"volume_id": found.volume_id, "host": connector.get("host")},
        }
        connected = msgspec.structs.replace(found, status="attaching", connection_info=info)
        self.attachments.put(attachment_id, connected)
        self._set_status(found.volume_id, "attaching")
        return connected

    def complete(self, context: RequestContext, attachment_id: str) -> None:
        self._meet("complete")
        found = self._attachment(attachment_id)
        self.attachments.put(attachment_id, msgspec.structs.replace(found, status="attached"))
        self._set_status(found.volume_id, "in-use")

    def detach(self, context: RequestContext, attachment_id: str) -> None:
        self._meet("detach")
        found = self.attachments.get(attachment_id)
        if found is None:
            return  # let go of before
        self.attachments.remove(attachment_id)
        if not any(a.volume_id == found.volume_id for _, a in self.attachments.items()):
            self._set_status(found.volume_id, "available")

    # --- inside ---------------------------------------------------------------------------

    def _meet(self, call: str) -> None:
        self.faults.meet(
            f"volume.{call}",
            fail=lambda reason: errors.VolumeUnavailable(reason=reason),
            abort=lambda reason: errors.Invalid(f"The volume service refuses: {reason}"),
        )

    def _attachment(self, attachment_id: str) -> Attachment:
        found = self.attachments.get(attachment_id)
        if found is None:
            raise errors.Invalid(f"Attachment {attachment_id} could not be found.")
        return found

    def _set_status(self, volume_id: str, status: str) -> None:
        volume = self.volumes.get(volume_id)
        if volume is not None:
            self.volumes.put(volume_id, msgspec.structs.replace(volume, status=status))
