# SPDX-License-Identifier: Apache-2.0
"""The only door to eventlet: tasks, locks and native calls that suit the chosen back end.

Two back ends: `eventlet` (the default of the daemons: green threads, the standard library
patched) and `threading` (native threads, nothing patched). `patch()` chooses; it has to be the
first thing that a process does. Without it everything here works on native threads.

Under eventlet the standard `threading` and `queue` modules are green, so the primitives below
are the standard ones, looked up when they are made and not when this module is imported.
"""

import importlib.util
import os
import queue
import re
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Backend = Literal["eventlet", "threading"]

BACKENDS: tuple[Backend, ...] = ("eventlet", "threading")
ENVIRONMENT = "NOVA_LITE_CONCURRENCY"
DEFAULT_BACKEND: Backend = "eventlet"

_chosen: Backend | None = None

# The resolver of eventlet loads dnspython and cryptography (16 MiB of memory); the system's own
# is good enough. Set for both back ends, because oslo.messaging brings eventlet in anyway.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")


# --- choosing -----------------------------------------------------------------------------


def backend() -> Backend:
    """The back end in use; `threading` where nobody called `patch()`."""
    return _chosen or "threading"


def wanted_backend(config_files: Iterable[str] = ()) -> Backend:
    """What the environment says, else `[DEFAULT] concurrency_backend`, else the default.

    The option is read with a plain scan: oslo.config must not be imported before the standard
    library is patched. Raises ValueError for an unknown name.
    """
    name = os.environ.get(ENVIRONMENT)
    where = f"environment variable {ENVIRONMENT}"
    if not name:
        where = "[DEFAULT] concurrency_backend"
        name = _scan_option(config_files)
    if not name or name == "auto":
        return DEFAULT_BACKEND
    for known in BACKENDS:
        if name == known:
            return known
    raise ValueError(f"{where}: {name!r} is none of auto, {', '.join(BACKENDS)}")


def _scan_option(config_files: Iterable[str]) -> str | None:
    found = None
    for path in config_files:
        try:
            with open(path, encoding="utf-8", errors="replace") as lines:
                section = "DEFAULT"
                for line in lines:
                    header = re.match(r"\[(.+)\]", line)
                    if header:
                        section = header.group(1)
                    option = re.match(r"concurrency_backend\s*[=:]\s*(\S+)", line)
                    if option and section == "DEFAULT":
                        found = option.group(1)
        except OSError:
            continue
    return found


def patch(name: Backend | None = None) -> Backend:
    """Choose the back end for this process, once, before anything else is imported."""
    global _chosen
    if name is None:
        name = wanted_backend()
    if _chosen is not None:
        if _chosen != name:
            raise RuntimeError(f"concurrency back end is {_chosen} already, {name} was asked for")
        return name
    if name == "eventlet":
        import eventlet

        # psycopg=False: it would load psycopg2 (5 MiB) everywhere; see patch_psycopg2().
        eventlet.monkey_patch(psycopg=False)
    _chosen = name
    _tell_oslo_service(name)
    return name


def _tell_oslo_service(name: Backend) -> None:
    """oslo.messaging imports oslo.service, which then loads one of its back ends, although
    nothing here uses it (base/service.py says why). Its threading one needs cotyledon."""
    from oslo_service import backend as oslo_backend

    if name == "eventlet" or importlib.util.find_spec("cotyledon"):
        oslo_backend.register_backend_default_hook(lambda: oslo_backend.BackendType(name))


def after_fork() -> None:
    """To be called first in a forked child: the parent's loop must not be shared."""
    if backend() == "eventlet":
        from eventlet import hubs

        hubs.use_hub()


def patch_psycopg2() -> None:
    """Make psycopg2 wait on the loop. Call once before the first connection; only needed
    (and only effective) on eventlet, since the C library does its own socket I/O."""
    if backend() != "eventlet":
        return
    import eventlet.hubs
    import psycopg2
    from psycopg2 import extensions

    def wait(connection: Any) -> None:
        while True:
            state = connection.poll()
            if state == extensions.POLL_OK:
                return
            if state == extensions.POLL_READ:
                eventlet.hubs.trampoline(connection.fileno(), read=True)
            elif state == extensions.POLL_WRITE:
                eventlet.hubs.trampoline(connection.fileno(), write=True)
            else:
                raise psycopg2.OperationalError(f"unexpected answer {state!r} of poll()")

    extensions.set_wait_callback(wait)


# --- tasks --------------------------------------------------------------------------------


class Task(Generic[T]):
    """A function running elsewhere. `wait` gives its result or raises what it raised."""

    __slots__ = ("_done", "_error", "_result", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self._done = threading.Event()
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self, fn: Callable[..., T], args: Sequence[Any], kwargs: dict[str, Any]) -> None:
        """Call `fn` here and keep what came of it."""
        try:
            self._result = fn(*args, **kwargs)
        except BaseException as error:  # kept for wait(), whatever it is
            self._error = error
        finally:
            self._done.set()

    @property
    def done(self) -> bool:
        return self._done.is_set()

    @property
    def error(self) -> BaseException | None:
        """What it raised, once done."""
        return self._error

    def wait(self, timeout: float | None = None) -> T:
        """The result; TimeoutError when it is not there after `timeout` seconds."""
        if not self._done.wait(timeout):
            raise TimeoutError(f"{self.name} did not end within {timeout} s")
        if self._error is not None:
            raise self._error
        result: T = self._result
        return result


def spawn(fn: Callable[..., T], *args: Any, **kwargs: Any) -> Task[T]:
    """Start `fn` in a green or native thread of its own (a daemon thread)."""
    task: Task[T] = Task(getattr(fn, "__qualname__", repr(fn)))
    start_thread(task.run, fn, args, kwargs, name=task.name)
    return task


def start_thread(fn: Callable[..., Any], *args: Any, name: str = "task") -> None:
    """Start `fn` and keep nothing of it; it must not raise."""
    if backend() == "eventlet":
        import eventlet

        eventlet.spawn_n(fn, *args)
    else:
        threading.Thread(target=fn, args=args, name=name, daemon=True).start()


class Pool:
    """At most `size` tasks at a time; more wait in line. Workers exist only while there is
    work, so an idle pool costs nothing."""

    def __init__(self, size: int, name: str = "pool") -> None:
        if size < 1:
            raise ValueError(f"a pool needs at least one worker, not {size}")
        self.size = size
        self.name = name
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._waiting: deque[tuple[Task[Any], Callable[..., Any], Any, Any]] = deque()
        self._running = 0
        self._closed = False

    def submit(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> Task[T]:
        """Queue `fn`; never blocks. RuntimeError after `stop`."""
        task: Task[T] = Task(getattr(fn, "__qualname__", repr(fn)))
        job = (task, fn, args, kwargs)
        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self.name} is stopped")
            if self._running >= self.size:
                self._waiting.append(job)
                return task
            self._running += 1
        start_thread(self._work, job, name=self.name)
        return task

    def _work(self, job: tuple[Task[Any], Callable[..., Any], Any, Any]) -> None:
        while True:
            task, fn, args, kwargs = job
            task.run(fn, args, kwargs)
            with self._lock:
                if self._waiting:
                    job = self._waiting.popleft()
                    continue
                self._running -= 1
                self._idle.notify_all()
                return

    @property
    def busy(self) -> int:
        """Tasks running or waiting now."""
        return self._running + len(self._waiting)

    def stop(self, timeout: float | None = None) -> bool:
        """Take no more; wait for what runs. False when some still ran after `timeout`."""
        with self._idle:
            self._closed = True
            return self._idle.wait_for(lambda: self.busy == 0, timeout)


# --- the HTTP server of the loop ----------------------------------------------------------


def _http_protocol() -> Any:
    """The loop's HTTP, in which a request without a Content-Type has none."""
    from eventlet import wsgi

    class HttpProtocol(wsgi.HttpProtocol):
        def get_environ(self) -> dict[str, Any]:
            environ: dict[str, Any] = super().get_environ()
            if self.headers.get("content-type") is None:
                environ.pop("CONTENT_TYPE", None)
            return environ

    return HttpProtocol


class GreenHttpServer:
    """A WSGI server on the loop, for the eventlet back end only.

    `sock` is a listening socket (TLS wrapped, where so wanted); `pool_size` how many
    connections are served at a time; `idle_timeout` in seconds, None for ever.
    """

    def __init__(
        self,
        sock: Any,
        app: Callable[..., Any],
        *,
        pool_size: int,
        keep_alive: bool,
        idle_timeout: float | None,
        max_line: int,
    ) -> None:
        self._sock = sock
        self._app = app
        self._pool_size = pool_size
        self._keep_alive = keep_alive
        self._idle_timeout = idle_timeout
        self._max_line = max_line
        self._thread: Any = None

    def start(self) -> None:
        import eventlet
        from eventlet import wsgi

        wsgi.MAX_HEADER_LINE = self._max_line
        self._thread = eventlet.spawn(
            wsgi.server,
            self._sock,
            self._app,
            # bodies without a length (chunked) end where they end
            environ={"wsgi.input_terminated": True},
            custom_pool=eventlet.GreenPool(self._pool_size),
            keepalive=self._keep_alive,
            socket_timeout=self._idle_timeout,
            protocol=_http_protocol(),
            url_length_limit=self._max_line,
            log_output=False,
            debug=False,
            capitalize_response_headers=False,
        )

    def stop(self) -> None:
        """Accept no more; idle connections are closed, busy ones served to their end."""
        if self._thread is not None:
            import eventlet

            eventlet.spawn_n(self._thread.kill)

    def wait(self, timeout: float | None = None) -> bool:
        """Until every connection is served; False when some were not in time."""
        if self._thread is None:
            return True
        import eventlet

        limit = eventlet.Timeout(timeout) if timeout is not None else None
        try:
            self._thread.wait()
        except BaseException as error:
            if error is limit:
                return False
            if type(error).__name__ != "GreenletExit":
                raise
        finally:
            if limit is not None:
                limit.cancel()
        return True


# --- primitives ---------------------------------------------------------------------------


def Event() -> threading.Event:  # noqa: N802 - named like what it makes
    return threading.Event()


def Lock() -> threading.Lock:  # noqa: N802
    return threading.Lock()


def RLock() -> Any:  # noqa: N802
    return threading.RLock()


def Condition() -> threading.Condition:  # noqa: N802
    return threading.Condition()


def Semaphore(value: int = 1) -> threading.Semaphore:  # noqa: N802
    return threading.Semaphore(value)


def Queue(maxsize: int = 0) -> "queue.Queue[Any]":  # noqa: N802
    return queue.Queue(maxsize)


def local() -> Any:
    """A namespace per green or native thread."""
    return threading.local()


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def yield_now() -> None:
    """Let others run: for loops that compute for long between two I/O calls."""
    time.sleep(0)


def take_turns() -> None:
    """Let other green threads run, in a loop that does much I/O and never waits. Native threads
    take turns by themselves, and to ask for it would cost them as much as much I/O."""
    if backend() == "eventlet":
        time.sleep(0)


def native(fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call `fn`, which blocks in C code, without blocking the loop; returns its result.

    On eventlet it runs in a pool of native threads (EVENTLET_THREADPOOL_SIZE, 20); on threads
    the calling thread does it itself. `fn` must not use green primitives.
    """
    if backend() == "eventlet":
        from eventlet import tpool

        return tpool.execute(fn, *args, **kwargs)
    return fn(*args, **kwargs)


def original(module: str) -> Any:
    """The unpatched standard module, for code that really runs in a native thread."""
    if backend() == "eventlet":
        from eventlet import patcher

        return patcher.original(module)
    __import__(module)
    return sys.modules[module]
