# SPDX-License-Identifier: Apache-2.0
"""A runnable daemon: its parts, and the process (or processes) around them.

    def main() -> None:
        concurrency.patch(...)
        ...
        service.run("nova-lite-conductor", CONF, make, workers=CONF.conductor.workers or 2)

`make()` is called in each worker after the fork and returns a `Service`; what was imported and
built before is shared by all of them in memory.

oslo.service's launchers are not used. Its threading one (cotyledon) always adds a master, even
to a daemon with one worker, and needs another package; its eventlet one starts a hub before it
forks. Both import more than is forked here. What is needed is small: fork, restart, pass on
signals, tell systemd; and it is the same on both back ends.
"""

import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Protocol

from oslo_config import cfg

from nova_lite.base import clock, concurrency, log, memory, report, supervisor
from nova_lite.base.periodic import Job, Periodic
from nova_lite.base.supervisor import EXIT_CONFIGURATION
from nova_lite.domain import errors

__all__ = ["Job", "Part", "Service", "run"]

LOG = logging.getLogger(__name__)

# Fewer collections than Python's default: a page of servers alone is many thousand objects.
GC_THRESHOLDS = (10_000, 20, 20)


class Part(Protocol):
    """Something of a daemon that starts and stops: an RPC server, a WSGI server, a watcher."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Take no more work; return at once."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Until the work that was taken is done; False when it was not in time."""
        ...


class Service:
    """Parts started in order, then the periodic jobs; stopped the other way round.

    Embedded mode and tests hold several of these in one process.
    """

    def __init__(
        self,
        name: str,
        parts: Sequence[Part],
        jobs: Sequence[Job] = (),
        *,
        reload: Callable[[], None] | None = None,
    ) -> None:
        """`reload` is called after SIGHUP, when the mutable options have been read again."""
        self.name = name
        self.periodic = Periodic(jobs)
        self._parts = [*parts, self.periodic]
        self._started: list[Part] = []
        self._reload = reload

    def start(self) -> None:
        """Stops what it started when a part cannot start, and raises what that raised."""
        try:
            for part in self._parts:
                part.start()
                self._started.append(part)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for part in reversed(self._started):
            part.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """False when some work had not ended after `timeout` seconds."""
        deadline = None if timeout is None else clock.monotonic() + timeout
        ended = True
        for part in reversed(self._started):
            left = None if deadline is None else max(0.0, deadline - clock.monotonic())
            ended = part.wait(left) and ended
        return ended

    def reload(self) -> None:
        if self._reload is not None:
            self._reload()


def run(prog: str, conf: cfg.ConfigOpts, make: Callable[[], Service], *, workers: int = 1) -> None:
    """Be the daemon until SIGTERM or SIGINT; does not return.

    Exit codes: 0 after an orderly stop, 1 when the configuration is wrong (one line says so).
    """
    memory.keep_small()
    if workers <= 1:
        code = _Worker(prog, conf, make, ready=_notify_ready).main()
        supervisor.leave(1 if code == EXIT_CONFIGURATION else code)

    def work(ready: Callable[[], None], may_complain: Callable[[], bool]) -> int:
        return _Worker(prog, conf, make, ready, may_complain).main()

    supervisor.leave(supervisor.Supervisor(prog, work, workers, _notify_ready).main())


def _notify_ready() -> None:
    """Tell systemd (Type=notify) that the daemon is up; nothing elsewhere."""
    address = os.environ.pop("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notifier:
        try:
            notifier.connect(address)
            notifier.sendall(b"READY=1")
        except OSError as error:
            LOG.warning("systemd could not be told that the daemon is ready: %s", error)


class _Worker:
    """One process that does the work."""

    def __init__(
        self,
        prog: str,
        conf: cfg.ConfigOpts,
        make: Callable[[], Service],
        ready: Callable[[], None],
        may_complain: Callable[[], bool] = lambda: True,
    ) -> None:
        self._prog = prog
        self._conf = conf
        self._make = make
        self._ready = ready
        self._may_complain = may_complain
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)

    def main(self) -> int:
        """The exit code."""
        # The numbers of caught signals arrive as bytes: waking up a green or a blocking read.
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in supervisor.SIGNALS:
            signal.signal(number, _caught)
        starting = concurrency.spawn(self._start)
        while not starting.done:
            if self._next_signal(0.05) in (signal.SIGTERM, signal.SIGINT):
                LOG.debug("%s was told to stop while it started", self._prog)
                return 0
        try:
            service = starting.wait()
        except (errors.ConfigurationError, errors.SchemaVersionMismatch) as error:
            return self._refuse(error.message)
        except cfg.Error as error:
            return self._refuse(" ".join(str(error).split()))
        except errors.Unavailable as error:
            LOG.error("%s could not start: %s", self._prog, error.message)
            return 1
        except Exception:
            LOG.exception("%s could not start", self._prog)
            return 1
        # What the daemon consists of stays: collections need not look at it again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        LOG.info("%s is ready", self._prog)
        self._ready()
        return self._until_stopped(service)

    def _start(self) -> Service:
        service = self._make()
        service.start()
        return service

    def _refuse(self, reason: str) -> int:
        """One line, also when several workers find the same."""
        if not self._may_complain():
            return EXIT_CONFIGURATION
        reason = log.mask(reason)
        if self._conf.log_file or self._conf.log_dir or self._conf.use_syslog:
            LOG.critical("%s", reason)
        sys.stderr.write(f"{self._prog}: {reason}\n")
        return EXIT_CONFIGURATION

    def _until_stopped(self, service: Service) -> int:
        while True:
            number = self._next_signal(None)
            if number == signal.SIGHUP:
                self._reload(service)
            elif number == signal.SIGUSR2:
                report.write(self._prog)
            elif number in (signal.SIGTERM, signal.SIGINT):
                return self._stop(service)

    def _stop(self, service: Service) -> int:
        LOG.info("%s is stopping", self._prog)
        stopping = concurrency.spawn(self._end, service)
        while not stopping.done:
            if self._next_signal(0.05) in (signal.SIGTERM, signal.SIGINT):
                LOG.warning("%s was told twice to stop: work is cut off", self._prog)
                return 1
        if stopping.error is not None:
            LOG.error("%s did not stop well", self._prog, exc_info=stopping.error)
        return 0

    def _end(self, service: Service) -> None:
        service.stop()
        timeout = self._conf.graceful_shutdown_timeout
        if not service.wait(timeout or None):
            LOG.warning("%s: work was still going on after %s s", self._prog, timeout)

    def _reload(self, service: Service) -> None:
        try:
            self._conf.mutate_config_files()
            log.setup(self._conf, self._prog)
            service.reload()
        except Exception:
            LOG.exception("%s could not read its configuration again", self._prog)
        else:
            LOG.info("%s has read its configuration again", self._prog)

    def _next_signal(self, timeout: float | None) -> int | None:
        self._reader.settimeout(timeout)
        try:
            data = self._reader.recv(1)
        except TimeoutError:
            return None
        return data[0] if data else None


def _caught(number: int, frame: object) -> None:
    """Python's side of a signal; the wake-up descriptor has its number already."""
