# SPDX-License-Identifier: Apache-2.0
"""Go the way of a console step by step, and say which one fails."""

import argparse
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

from nova_lite.cli.commands.console import TYPES, add_type, link_of
from nova_lite.cli.commands.doctor import Finding
from nova_lite.cli.errors import Refused
from nova_lite.cli.output import ListThem
from nova_lite.cli.websocket import NoSession, Session, connect

VERSION = b"RFB 003.008\n"
# Seconds that a serial console may say nothing, and is fine: a proxy that does not reach the
# host says so before.
QUIET = 12.0
NOT_NOW = 409  # as the API answers on servers that do not run
REFUSED, FULL = 1008, 1013  # codes of close frames

# A part of what a proxy says -> the step that failed, what to do.
KNOWN = {
    "cannot be reached": (
        "host",
        "is the guest running, and may the proxy reach the host's console ports? "
        "{options}; a firewall",
    ),
    "encryption only": (
        "host",
        "proxies speak no TLS with SPICE: [spice] and qemu.conf of the host",
    ),
    "cannot be checked": ("token", "the proxy reaches no conductor: look into its log"),
    "not known": ("token", "the proxy asks another cloud: transport_url of the proxy"),
    "is not served here": ("token", "the base URL of this type leads to a proxy of another one"),
    "does not speak RFB": (
        "greeting",
        "another program listens at the console's port of the host",
    ),
    "not configured here": ("greeting", "[vnc] auth_schemes of the proxy"),
    "TLS": (
        "greeting",
        "[vnc] vencrypt_ca_certs, vencrypt_client_cert of the proxy; vnc_tls of the host",
    ),
}
# Protocol -> the options of a host by which proxies reach its consoles.
REACHED_BY = {
    "vnc": "[vnc] server_listen, server_proxyclient_address",
    "spice": "[spice] server_listen, server_proxyclient_address",
    "serial": "[serial_console] proxyclient_address",
}
# The guests of such servers are there: when the API refuses, that is no reason.
RUNS = ("ACTIVE", "RESCUE", "PAUSED", "VERIFY_RESIZE", "REBOOT", "HARD_REBOOT")
OF_CODES = {REFUSED: "token", FULL: "session"}
# What a proxy does, one after the other, before a console is open.
STEPS = {
    "session": "the proxy speaks WebSocket",
    "token": "the proxy knows it",
    "host": "the proxy reaches its console port",
}


class DoctorConsole(ListThem):
    """Open a server's console and say which step fails; exit code 1 when one does.

    Example: nova-lite doctor console --type serial web
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        add_type(parser)
        return parser

    def take_action(self, args: argparse.Namespace) -> Any:
        found = list(look(self.app.api, args.server, args.type))
        self._problems = any(finding.state == "problem" for finding in found)
        return ["Check", "State", "Seen", "Advice"], found

    def run(self, parsed_args: argparse.Namespace) -> int:
        return super().run(parsed_args) or int(self._problems)


def look(api: Any, server: str, kind: str, quiet: float = QUIET) -> Iterator[Finding]:
    """Step by step, until one fails: link, proxy, session, token, host, and greeting (of RFB) or
    console (of the others)."""
    found = api.server(server)
    try:
        url = link_of(api, found["id"], kind)["url"]
    except Refused as error:
        yield _no_link(found, error)
        return
    address = urlsplit(url)
    place = address.netloc
    yield Finding("link", "ok", f"leads to {place}")
    if kind == "spice-direct":
        yield Finding("proxy", "warning", "links of this type are for native clients", "")
        return
    try:
        sock = connect(address)
    except OSError as error:
        yield Finding("proxy", "problem", f"{place}: {error.strerror or error}", _start(kind))
        return
    with closing(sock):
        yield Finding("proxy", "ok", f"{place} answers")
        yield from _session(sock, address, kind, quiet)


def _no_link(server: dict[str, Any], error: Refused) -> Finding:
    status = server["status"]
    if status in RUNS or error.status != NOT_NOW:
        return Finding("link", "problem", str(error), "see the server's status, and its host's log")
    advice = "start it" if status == "SHUTOFF" else "a console wants a server that runs"
    return Finding("link", "problem", f"it is {status}", advice)


def _session(
    sock: socket.socket, address: SplitResult, kind: str, quiet: float
) -> Iterator[Finding]:
    try:
        session = Session(sock, address, path_of(address))
    except (OSError, NoSession) as error:
        yield Finding("session", "problem", str(error), "no console proxy listens there")
        return
    last = "greeting" if kind == "novnc" else "console"
    failed, why, advice = None, "", ""
    try:
        if kind == "novnc":
            _greet(session)
            seen = "the screen greets"
        else:
            seen = _listen(sock, session, quiet)
    except NoSession as error:
        why = str(error)
        failed, advice = _failed(error, last, kind)
    except OSError as error:
        failed, why, advice = last, str(error), "the proxy got no answer in time"
    for step, words in STEPS.items():
        if step == failed:
            break
        yield Finding(step, "ok", words)
    if failed is None:
        yield Finding(last, "ok", seen)
    else:
        yield Finding(failed, "problem", why, advice)


def _failed(error: NoSession, last: str, kind: str) -> tuple[str, str]:
    """Which step, and what to do. What is not known failed in the last one."""
    known = next((found for words, found in KNOWN.items() if words in str(error)), None)
    step, advice = known or (OF_CODES.get(error.code or 0, last), "")
    return step, advice.format(options=REACHED_BY[TYPES[kind]])


def path_of(address: SplitResult) -> str:
    """What a page asks for when it opens the link's session."""
    inner = parse_qs(address.query).get("path")
    return f"/{inner[0]}" if inner else f"/?{address.query}"


def _greet(session: Session) -> None:
    """The beginning of RFB, in which a proxy says what is wrong."""
    session.read(len(VERSION))
    session.send(VERSION)
    (count,) = session.read(1)
    if count == 0:
        (size,) = struct.unpack("!I", session.read(4))
        words = session.read(min(size, 4096)).decode(errors="replace")
        raise NoSession(words, _code(session))


def _code(session: Session) -> int | None:
    """That of the close frame which comes behind words of RFB."""
    try:
        session.read(1)
    except NoSession as error:
        return error.code
    except OSError:
        return None
    return None


def _listen(sock: socket.socket, session: Session, quiet: float) -> str:
    sock.settimeout(quiet)
    try:
        session.read(1)
    except TimeoutError:
        return "open; it says nothing by itself"
    return "it speaks"


def _start(kind: str) -> str:
    daemon = {"novnc": "novncproxy", "serial": "serialproxy"}.get(kind, "spicehtml5proxy")
    return f"start nova-lite-{daemon}; does the base URL of the host's options lead to it?"
