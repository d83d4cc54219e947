# SPDX-License-Identifier: Apache-2.0
"""Images of servers: begun here; the caller waits only until the image can be looked at."""

from typing import Any, Final

import msgspec

from nova_lite.base import concurrency, ids
from nova_lite.base.context import RequestContext
from nova_lite.conductor import limits
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.handlers.actions import ActionHandlers
from nova_lite.conductor.run import Run
from nova_lite.conductor.steps.images import TOLD
from nova_lite.domain import errors
from nova_lite.domain.snapshot import ImageWish
from nova_lite.domain.states import Action

PATIENCE: Final = 60.0  # seconds for the image service; the flow goes on without the caller
METADATA: Final = "metadata_items"


class SnapshotHandlers:
    def __init__(self, deps: Deps, actions: ActionHandlers) -> None:
        self._deps = deps
        self._actions = actions

    def create_image(
        self,
        context: RequestContext,
        *,
        uuid: str,
        name: str,
        metadata: dict[str, str],
        limited: bool = False,
    ) -> str:
        if limited:
            self._check_metadata(context, metadata)
        wish = ImageWish(image_id=ids.new_uuid(), name=name, metadata=metadata)
        return self._begin(context, uuid, Action.CREATE_IMAGE, wish)

    def create_backup(
        self,
        context: RequestContext,
        *,
        uuid: str,
        name: str,
        backup_type: str,
        rotation: int,
        metadata: dict[str, str],
        limited: bool = False,
    ) -> str | None:
        if limited:
            self._check_metadata(context, metadata)
        wish = ImageWish(
            image_id=ids.new_uuid(),
            name=name,
            metadata=metadata,
            backup_type=backup_type,
            rotation=rotation,
        )
        image_id = self._begin(context, uuid, Action.CREATE_BACKUP, wish)
        return image_id if wish.kept else None

    def _check_metadata(self, context: RequestContext, metadata: dict[str, str]) -> None:
        with self._deps.databases.read_api() as tx:
            known, _ = limits.of_project(tx, self._deps.conf, context.project_id or "")
        limit = known.get(METADATA, -1)
        if 0 <= limit < len(metadata):
            raise errors.ResourceLimitExceeded("Image metadata limit exceeded", resource=METADATA)

    def _begin(self, context: RequestContext, uuid: str, action: Action, wish: ImageWish) -> str:
        event = concurrency.Event()
        params = {"image": msgspec.to_builtins(wish)}
        run = self._actions.begin(context, uuid, action, params, {TOLD: event})
        if wish.kept and run is not None:
            self._wait(context, run, event, wish.image_id)
        return wish.image_id

    def _wait(self, context: RequestContext, run: Run, event: Any, image_id: str) -> None:
        """Until the image is there, or will not be. Who gives up leaves the flow to its end."""
        event.wait(PATIENCE)
        trouble = run.progress.trouble
        if trouble is not None:
            raise errors.from_code(trouble.code, trouble.values, trouble.message)
        # Another conductor may have gone on with it, or a deletion may have stopped it.
        self._deps.image.get(context, image_id)
