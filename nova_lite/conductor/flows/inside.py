# SPDX-License-Identifier: Apache-2.0
"""What is done inside of a guest: a new password, a crash.

Neither changes what the server is. A password is in the memory of the conductor that was told it,
and nowhere else: another one that takes over ends the action, and says so.
"""

from typing import Any, Final

from nova_lite.conductor.run import Done, Flow, Run, Step
from nova_lite.conductor.steps import compute
from nova_lite.domain import errors
from nova_lite.domain.flow_run import Trouble
from nova_lite.domain.instance import InstancePatch

PATIENCE: Final = 30.0
SECONDS: Final = 300.0
PASSWORD: Final = "admin_pass"  # noqa: S105 - the name of a secret, not one


def _set_password(run: Run) -> None:
    password = run.secrets.get(PASSWORD)
    if password is None:
        raise errors.GuestOperationFailed(
            operation="set the password of",
            name=run.instance.guest_name or run.instance.uuid,
            reason="the service that knew it is gone; set it again",
        )
    compute.of(run).set_password(run.context, instance=run.instance, password=password)


def _crash(run: Run) -> None:
    compute.of(run).trigger_crash_dump(run.context, instance=run.instance)


def _idle(run: Run) -> Done:
    return Done(patch=InstancePatch(task_state=None))


def _nothing(run: Run) -> Done:
    """It set no task state, and others may have begun meanwhile."""
    return Done()


def _failed_idle(run: Run, trouble: Trouble) -> Done:
    return _idle(run)


def _failed(run: Run, trouble: Trouble) -> Done:
    return Done()


def _seconds(conf: Any) -> float:
    return SECONDS


SET_PASSWORD: Final = Flow(
    "set_password",
    (
        Step("set", _set_password, stored=False, patience=PATIENCE,
             event="compute_set_admin_password"),
        Step("finish", _idle),
    ),
    failed=_failed_idle,
    seconds=_seconds,
)  # fmt: skip

CRASH_DUMP: Final = Flow(
    "crash_dump",
    (
        Step("crash", _crash, stored=False, patience=PATIENCE,
             event="compute_trigger_crash_dump"),
        Step("finish", _nothing),
    ),
    failed=_failed,
    seconds=_seconds,
)  # fmt: skip
