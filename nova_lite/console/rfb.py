# SPDX-License-Identifier: Apache-2.0
"""The beginning of RFB (VNC): the host is convinced, and the browser needs no more than its token.

Versions and security types are agreed with both ends apart; from then on both say the same.
"""

import re
import ssl
import struct
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from nova_lite.base import clock
from nova_lite.console.stream import FAILED, Ended, HostStream, Stream, number, put, take, wait

VERSION: Final = b"RFB 003.008\n"
_VERSION: Final = re.compile(rb"RFB (\d{3})\.(\d{3})\n")
PATIENCE: Final = 10.0  # seconds for each end
IMPATIENCE: Final = 3.0  # seconds for a browser that is refused anyway
MAX_REASON: Final = 4096

NONE, VENCRYPT = 1, 19
NAMES: Final[Mapping[int, str]] = {NONE: "none", 2: "password", 16: "tight", VENCRYPT: "vencrypt"}
VENCRYPT_VERSION: Final = b"\x00\x02"
X509_NONE: Final = 260


class Scheme(Protocol):
    """A security type towards hosts."""

    number: int

    def secure(self, host: HostStream, deadline: float) -> HostStream:
        """The stream to go on with. Raises Ended."""
        ...


class Plain:
    """Nothing: whoever reaches the port has the screen."""

    number = NONE

    def secure(self, host: HostStream, deadline: float) -> HostStream:
        return host


class VeNCrypt:
    """TLS with certificates on both sides. Hosts are reached by address, so it is the authority
    that counts, not the name in the certificate."""

    number = VENCRYPT

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def secure(self, host: HostStream, deadline: float) -> HostStream:
        take(host, 2, deadline)
        put(host, VENCRYPT_VERSION, deadline)
        if number(host, "!B", deadline) != 0:
            raise Ended(FAILED, "the host speaks another version of VeNCrypt")
        count = number(host, "!B", deadline)
        offered = struct.unpack(f"!{count}I", take(host, 4 * count, deadline))
        if X509_NONE not in offered:
            raise Ended(FAILED, f"the host offers VeNCrypt {list(offered)}, and not {X509_NONE}")
        put(host, struct.pack("!I", X509_NONE), deadline)
        if number(host, "!B", deadline) != 1:
            raise Ended(FAILED, "the host refused VeNCrypt with certificates")
        return self._wrapped(host, deadline)

    def _wrapped(self, host: HostStream, deadline: float) -> HostStream:
        """The same stream, whose socket is the wrapped one from the first step on: whoever closes
        the stream closes it. What came before in the clear does not count."""
        host.rest = b""
        try:
            host.sock = self._context.wrap_socket(host.sock, do_handshake_on_connect=False)
            while (there := self._shake(host, deadline)) is not None:
                if not there:
                    raise Ended(FAILED, "no TLS with the host in time")
        except OSError as error:
            raise Ended(FAILED, f"no TLS with the host: {error}") from error
        return host

    def _shake(self, host: HostStream, deadline: float) -> bool | None:
        """A step of the handshake. None: it is done; else whether there is more to come."""
        try:
            host.sock.do_handshake()
        except ssl.SSLWantReadError:
            return wait([host], [], deadline)
        except ssl.SSLWantWriteError:
            return wait([], [host], deadline)
        return None


def begin(browser: Stream, host: HostStream, schemes: Sequence[Scheme]) -> HostStream:
    """Both ends are ready for what follows; the host's stream, which may be another one now.
    Raises Ended, of which the browser has been told."""
    _greet(browser)
    try:
        secured = _convince(host, schemes)
    except Ended as ended:
        _refuse(browser, ended.reason)
        raise
    deadline = clock.monotonic() + PATIENCE
    put(browser, bytes([1, NONE]), deadline)
    if number(browser, "!B", deadline) != NONE:
        raise Ended(FAILED, "the browser chose a security type that was not offered")
    put(browser, struct.pack("!I", 0), deadline)
    return secured


def refuse(browser: Stream, reason: str) -> None:
    """Tell a browser why there is no screen, in words that noVNC shows. Raises Ended."""
    _greet(browser, IMPATIENCE)
    _refuse(browser, reason)


def _greet(browser: Stream, patience: float = PATIENCE) -> None:
    deadline = clock.monotonic() + patience
    put(browser, VERSION, deadline)
    said = take(browser, len(VERSION), deadline)
    if _VERSION.fullmatch(said) is None:
        raise Ended(FAILED, "the browser does not speak RFB")
    if said != VERSION:
        raise Ended(FAILED, "the browser speaks an old version of RFB")


def _refuse(browser: Stream, reason: str) -> None:
    text = reason.encode()
    put(browser, struct.pack("!BI", 0, len(text)) + text, clock.monotonic() + PATIENCE)


def _convince(host: HostStream, schemes: Sequence[Scheme]) -> HostStream:
    deadline = clock.monotonic() + PATIENCE
    said = _VERSION.fullmatch(take(host, len(VERSION), deadline))
    if said is None:
        raise Ended(FAILED, "what listens at the server's console does not speak RFB")
    if said.groups() < (b"003", b"008"):
        raise Ended(FAILED, "the server's console speaks an old version of RFB")
    put(host, VERSION, deadline)
    count = number(host, "!B", deadline)
    if count == 0:
        raise Ended(FAILED, f"the host refuses: {_reason(host, deadline)}")
    offered = take(host, count, deadline)
    for scheme in schemes:
        if scheme.number in offered:
            put(host, bytes([scheme.number]), deadline)
            secured = scheme.secure(host, deadline)
            if number(secured, "!I", deadline) != 0:
                raise Ended(FAILED, f"the host refuses: {_reason(secured, deadline)}")
            return secured
    names = ", ".join(NAMES.get(one, str(one)) for one in offered)
    raise Ended(FAILED, f"the host wants security that is not configured here: {names}")


def _reason(host: HostStream, deadline: float) -> str:
    size = min(number(host, "!I", deadline), MAX_REASON)
    return take(host, size, deadline).decode(errors="replace")
