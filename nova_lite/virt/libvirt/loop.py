# SPDX-License-Identifier: Apache-2.0
"""libvirt's event loop: one native thread for the process."""

import atexit
import logging

from nova_lite.base import concurrency
from nova_lite.virt.libvirt import errors

LOG = logging.getLogger(__name__)

_started: "_Loop | None" = None


def start() -> None:
    """Start libvirt's event loop, once for the process and before its first connection."""
    global _started
    if _started is None:
        _started = _Loop()


class _Loop:
    """Runs until the process ends; then it is ended first, or it would run into the ruins."""

    def __init__(self) -> None:
        lib = errors.binding()
        lib.virEventRegisterDefaultImpl()
        self._stopped = False
        self._timer = lib.virEventAddTimeout(-1, lambda timer, opaque: None, None)
        threading = concurrency.original("threading")
        self._thread = threading.Thread(target=self._run, name="libvirt-events", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def _run(self) -> None:
        lib = errors.binding()
        while not self._stopped:
            try:
                lib.virEventRunDefaultImpl()
            except errors.failure() as error:
                LOG.warning("libvirt's event loop: %s", errors.message(error))

    def stop(self) -> None:
        self._stopped = True
        errors.binding().virEventUpdateTimeout(self._timer, 0)  # wakes it
        self._thread.join(2.0)
