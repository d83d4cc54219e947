# SPDX-License-Identifier: Apache-2.0
"""After a restart. The flows that this host was part of go on at the conductor as soon as it
hears that the host is back; what is left to do here concerns idle servers alone."""

import logging
from collections.abc import Callable
from typing import Any

from nova_lite.base import clock, concurrency
from nova_lite.base.context import RequestContext
from nova_lite.compute.actions.power import OFF, PowerActions
from nova_lite.compute.sync import PowerSync
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import PowerState, VmState

LOG = logging.getLogger(__name__)

AT_A_TIME = 4  # guests started at a time after the host has booted
PATIENCE = 60.0  # seconds in which what a guest needs may still come: its network, for one
PAUSE = 1.0  # seconds between tries


class Recovery:
    """What one host does when its service starts."""

    def __init__(
        self,
        conf: Any,
        host: str,
        power: PowerActions,
        sync: PowerSync,
        conductor: Any,
        stopping: Callable[[], bool],
    ) -> None:
        """`conductor`: its client. Where guests are to be resumed, `sync` takes none that is off
        for one that was stopped, until it is `over`."""
        self._resume: bool = conf.resume_guests_state_on_host_boot
        self._sync = sync
        sync.resuming = self._resume
        self._stopping = stopping
        self._host = host
        self._power = power
        self._conductor = conductor

    def run(self, context: RequestContext) -> None:
        """Raises Unavailable while the conductor cannot be reached."""
        waiting = self._should_run(context) if self._resume else []
        self._conductor.host_restarted(context, host=self._host)
        deadline = clock.monotonic() + PATIENCE
        while waiting and not self._stopping():
            failed = self._start_all(context, waiting)
            if not failed or clock.monotonic() > deadline:
                break
            clock.sleep(PAUSE)
            # its user may have stopped or deleted it meanwhile
            waiting = [one for one in self._should_run(context) if one.uuid in failed]

    def over(self, context: RequestContext) -> None:
        """All was tried: a guest that is off now stays off, and that is told."""
        if not self._sync.resuming:
            return
        self._sync.resuming = False
        try:
            self._sync.compare(context)
        except errors.NovaLiteError as error:
            LOG.warning("Power states of %s: %s", self._host, error.message)

    def _should_run(self, context: RequestContext) -> list[Instance]:
        """Idle servers that ran when they were last seen."""
        instances: list[Instance] = self._conductor.list_host_instances(context, host=self._host)
        return [
            one
            for one in instances
            if one.vm_state is VmState.ACTIVE
            and one.power_state is PowerState.RUNNING
            and one.task_state is None
        ]

    def _start_all(self, context: RequestContext, waiting: list[Instance]) -> set[str]:
        """The uuids of those that did not start."""
        failed: set[str] = set()
        pool = concurrency.Pool(AT_A_TIME, name="resume-guests")
        for instance in waiting:
            pool.submit(self._start, context, instance, failed)
        pool.stop()
        return failed

    def _start(self, context: RequestContext, instance: Instance, failed: set[str]) -> None:
        if self._stopping():
            return
        try:
            if self._power.get_power_state(context, instance=instance).power_state in OFF:
                LOG.info("[instance: %s] is started: it ran before", instance.uuid)
                self._power.start(context, instance=instance)
        except errors.NovaLiteError as error:
            LOG.warning("[instance: %s] did not start: %s", instance.uuid, error.message)
            failed.add(instance.uuid)
