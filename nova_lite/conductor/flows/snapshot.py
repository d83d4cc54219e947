# SPDX-License-Identifier: Apache-2.0
"""An image of a server, or a backup, of which only the newest are kept.

The server goes on meanwhile as it was. Whatever fails, it is idle again in the end, in its former
state, and there is no image that waits for data for ever.
"""

from typing import Any, Final

from nova_lite.conductor.run import Done, Flow, Run, Step
from nova_lite.conductor.steps import images
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch


def _finish(run: Run) -> Done:
    return Done(patch=InstancePatch(task_state=None))


def _failed(run: Run, trouble: Trouble) -> Done:
    images.tell(run)
    return _finish(run)


def _superseded(run: Run) -> Done:
    images.tell(run)
    return Done()


def _seconds(conf: Any) -> float:
    return images.SECONDS


CREATE_IMAGE: Final = Flow(
    "create_image",
    (
        Step("image", images.make, undo=images.remove, patience=images.SERVICE_PATIENCE,
             event="api_snapshot_instance"),
        Step("take", images.take, undo=images.drop, patience=images.HOST_PATIENCE,
             event="compute_snapshot_instance"),
        Step("offer", images.offer, patience=images.SERVICE_PATIENCE),
        Step("upload", images.upload, patience=images.HOST_PATIENCE, no_return=True),
        Step("finish", _finish),
    ),
    failed=_failed,
    seconds=_seconds,
    superseded=_superseded,
)  # fmt: skip

CREATE_BACKUP: Final = Flow(
    "create_backup",
    (
        Step("image", images.make, undo=images.remove, when=images.is_kept,
             patience=images.SERVICE_PATIENCE, event="api_backup_instance"),
        Step("take", images.take, undo=images.drop, when=images.is_kept,
             patience=images.HOST_PATIENCE, event="compute_backup_instance"),
        Step("offer", images.offer, when=images.is_kept, patience=images.SERVICE_PATIENCE),
        Step("upload", images.upload, when=images.is_kept, patience=images.HOST_PATIENCE,
             no_return=True),
        Step("rotate", images.rotate, patience=images.SERVICE_PATIENCE),
        Step("finish", _finish),
    ),
    failed=_failed,
    seconds=_seconds,
    superseded=_superseded,
)  # fmt: skip
