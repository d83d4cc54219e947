# SPDX-License-Identifier: Apache-2.0
"""Just enough of WebSocket to see whether a console answers."""

import base64
import os
import socket
import ssl
import struct
from urllib.parse import SplitResult

TIMEOUT = 20.0  # a proxy itself tries for ten seconds to reach a host
_CLOSE, _DATA = 8, 2
_MOST = 1024 * 1024


class NoSession(Exception):
    """str() says why, in one line. `code`: that of the proxy's close frame."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.code = code


class Session:
    """A session of a console proxy. `address`: the link, with its path and query."""

    def __init__(self, sock: socket.socket, address: SplitResult, path: str) -> None:
        self._sock = sock
        self._unread = b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {address.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Protocol: binary",
        ]
        sock.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n") and len(answer) < 65536:
            answer += self._exactly(1)
        status = answer.split(b"\r\n", 1)[0].decode(errors="replace")
        if " 101 " not in status:
            raise NoSession(f"it answers {status}")

    def send(self, data: bytes) -> None:
        """Not more than 125 bytes."""
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        self._sock.sendall(bytes([0x80 | _DATA, 0x80 | len(data)]) + mask + masked)

    def read(self, size: int) -> bytes:
        """So many bytes. Raises NoSession with the words of the proxy when it ends before."""
        while len(self._unread) < size:
            self._unread += self._message()
        found, self._unread = self._unread[:size], self._unread[size:]
        return found

    def _message(self) -> bytes:
        first, second = self._exactly(2)
        size = second & 0x7F
        if size > 125:
            layout = "!H" if size == 126 else "!Q"
            (size,) = struct.unpack(layout, self._exactly(struct.calcsize(layout)))
        if size > _MOST:
            raise NoSession("it does not speak like a console proxy")
        data = self._exactly(size)
        if first & 0x0F == _CLOSE:
            code = int.from_bytes(data[:2]) if data else None
            raise NoSession(data[2:].decode(errors="replace") or "closed without a reason", code)
        return data if first & 0x0F in (0, 1, _DATA) else b""

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            data = self._sock.recv(size - len(found))
            if not data:
                raise NoSession("the connection was closed")
            found += data
        return found


def connect(address: SplitResult) -> socket.socket:
    """To the proxy of a link, with TLS where the link says so. Raises OSError."""
    secure = address.scheme in ("https", "wss")
    port = address.port or (443 if secure else 80)
    sock = socket.create_connection((address.hostname or "", port), TIMEOUT)
    if not secure:
        return sock
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=address.hostname)
    except OSError:
        sock.close()
        raise
