# SPDX-License-Identifier: Apache-2.0
"""The two ends of a session, alike: what can be read now, what can be written now.

Nothing here waits but `wait`, and nothing keeps more than one piece: who cannot pass a piece on
does not read the next one, so a slow peer slows the other one down, and costs no memory.
"""

import contextlib
import errno
import selectors
import socket
import ssl
import struct
from typing import Any, Final, Protocol

from websockify.websocket import (
    WebSocket,
    WebSocketWantReadError,
    WebSocketWantWriteError,
)

from nova_lite.base import clock

PIECE: Final = 128 * 1024
MAX_MESSAGE: Final = 1024 * 1024  # bytes that a browser may send as one message
MAX_REASON: Final = 123  # bytes of UTF-8 in a close frame
FAREWELL: Final = 2.0  # seconds for the browser to answer a close frame

# Close codes: of RFC 6455, and our own above 4000.
NORMAL, GOING_AWAY, POLICY, TOO_BIG, FAILED, FULL = 1000, 1001, 1008, 1009, 1011, 1013
TIME_OVER: Final = 4408


class Ended(Exception):
    """The session ends. `reason` is for the person in front of the console."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Stream(Protocol):
    """One end. `rest` is what was read too much by `take`."""

    rest: bytes

    def fileno(self) -> int: ...

    def read(self) -> bytes:
        """What is there now, b"" for nothing. Raises Ended."""
        ...

    def write(self, data: bytes) -> int:
        """How many bytes were taken. What was not has to be given again. Raises Ended."""
        ...


class HostStream:
    """The TCP connection to a guest's console, plain or wrapped in TLS."""

    def __init__(self, sock: Any) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.rest = b""

    def fileno(self) -> int:
        return int(self.sock.fileno())

    def read(self) -> bytes:
        try:
            data: bytes = self.sock.recv(PIECE)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return b""
        except OSError as error:
            raise Ended(NORMAL, f"the console ended: {error.strerror or error}") from error
        if not data:
            raise Ended(NORMAL, "the console was closed by the server")
        return data

    def write(self, data: bytes) -> int:
        try:
            return int(self.sock.send(data))
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError as error:
            raise Ended(NORMAL, f"the console ended: {error.strerror or error}") from error

    def close(self) -> None:
        self.sock.close()


class _Meter:
    """A socket for a class that keeps the parts of a message until it has all of them: what came
    since the last whole message is counted. With TLS, "not now" is what it is without."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self.count = 0

    def recv(self, *args: Any) -> bytes:
        data: bytes = _now(self._sock.recv, *args)
        self.count += len(data)
        if self.count > MAX_MESSAGE:
            raise Ended(TOO_BIG, f"a message has more than {MAX_MESSAGE} bytes")
        return data

    def send(self, *args: Any) -> int:
        return int(_now(self._sock.send, *args))

    def drain(self, deadline: float) -> None:
        """Read and forget, until the other side is done or for a moment."""
        while wait([self], [], deadline):
            if not _now(self._sock.recv, PIECE):
                return

    def fileno(self) -> int:
        return int(self._sock.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def _now(operation: Any, *args: Any) -> Any:
    try:
        return operation(*args)
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError) as error:
        raise BlockingIOError(errno.EAGAIN, "not now") from error


class _Socket(WebSocket):
    """The protocol. A browser that pings faster than it reads is not answered each time."""

    def select_subprotocol(self, protocols: list[str]) -> str:
        return "binary" if "binary" in protocols else ""

    def handle_ping(self, data: bytes) -> None:
        with contextlib.suppress(WebSocketWantWriteError):
            self.pong(data)


class BrowserStream:
    """The WebSocket. `sock` is that of a request whose headers ask for one."""

    def __init__(self, sock: Any, headers: Any) -> None:
        self.rest = b""
        self._meter = _Meter(sock)
        self._socket = _Socket()
        self._socket.accept(self._meter, headers)
        sock.setblocking(False)

    def fileno(self) -> int:
        return int(self._socket.fileno())

    def read(self) -> bytes:
        try:
            data: bytes | None = self._socket.recv()
        except WebSocketWantReadError:
            return b""
        except (OSError, ValueError) as error:
            raise Ended(GOING_AWAY, f"the browser went away: {error}") from error
        if data is None:
            raise Ended(self._socket.close_code or NORMAL, "the browser closed the console")
        self._meter.count = 0
        return data

    def write(self, data: bytes) -> int:
        try:
            self._socket.sendmsg(data)
        except WebSocketWantWriteError:
            return 0
        except (OSError, ValueError) as error:
            raise Ended(GOING_AWAY, f"the browser went away: {error}") from error
        return len(data)

    def close(self, code: int, reason: str) -> None:
        """Say why, and give the browser a moment to hear it."""
        text = reason.encode()[:MAX_REASON].decode(errors="ignore")
        deadline = clock.monotonic() + FAREWELL
        try:
            while not self._say(code, text) and wait([], [self], deadline):
                pass
            if code == TOO_BIG:
                self._meter.drain(deadline)
            # the library forgets its socket once both sides have said goodbye
            while self._socket.socket is not None and wait([self], [], deadline):
                self.read()
        except (Ended, OSError):
            pass  # that is what was waited for
        finally:
            with contextlib.suppress(OSError):
                self._meter.close()

    def _say(self, code: int, reason: str) -> bool:
        try:
            self._socket.shutdown(socket.SHUT_RDWR, code, reason)
        except WebSocketWantWriteError:
            return False
        return True


def keep_alive(sock: Any) -> None:
    """No delay for keys; a peer that is gone without a word is noticed after two minutes."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, seconds in ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15)):
        sock.setsockopt(socket.IPPROTO_TCP, option, seconds)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


# --- over streams -----------------------------------------------------------------------------


def wait(readers: list[Any], writers: list[Any], deadline: float | None) -> bool:
    """Until one of them may be read or written; False at the deadline (monotonic seconds)."""
    with _selector() as selector:
        for stream in {*readers, *writers}:
            mask = selectors.EVENT_READ if stream in readers else 0
            mask |= selectors.EVENT_WRITE if stream in writers else 0
            selector.register(stream, mask)
        left = None if deadline is None else max(0.0, deadline - clock.monotonic())
        return bool(selector.select(left))


def _selector() -> selectors.BaseSelector:
    """poll(2), which has nothing to be made and closed; the loop has its own."""
    return getattr(selectors, "PollSelector", selectors.DefaultSelector)()


def take(stream: Stream, size: int, deadline: float) -> bytes:
    """So many bytes. Raises Ended when they do not come in time."""
    found = stream.rest
    while len(found) < size:
        data = stream.read()
        found += data
        if not data and not wait([stream], [], deadline):
            raise Ended(FAILED, "no answer in time")
    stream.rest = found[size:]
    return found[:size]


def put(stream: Stream, data: bytes, deadline: float) -> None:
    """All of it. Raises Ended when that is not taken in time."""
    while data:
        data = data[stream.write(data) :]
        if data and not wait([], [stream], deadline):
            raise Ended(FAILED, "nothing is taken")


def number(stream: Stream, layout: str, deadline: float) -> int:
    """One number, as `struct` calls its layout."""
    (found,) = struct.unpack(layout, take(stream, struct.calcsize(layout), deadline))
    return int(found)
