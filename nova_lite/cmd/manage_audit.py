# SPDX-License-Identifier: Apache-2.0
"""`nova-lite-manage audit`: what does not fit together, and putting it right.

Exit codes: 0 nothing found (or, with --repair, all of it repaired), 3 something was found.
"""

import argparse
import sys
from typing import Any, Final

import msgspec

from nova_lite.base import clock
from nova_lite.cmd.printing import Argument, flag, option, table
from nova_lite.conductor.audit import Auditor, Finding
from nova_lite.conductor.service import Conducting, make_deps
from nova_lite.domain import errors
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.transport import make_bus

CLEAN, FOUND = 0, 3
SETTLE: Final = 2.0  # seconds between the two looks: what is under way looks wrong only once
FLOWS_TIMEOUT: Final = 120.0  # seconds for deletions that a repair begins

ARGUMENTS: Final[list[Argument]] = [
    flag("--repair", help="put right what can be put right"),
    flag("--skip-hosts", dest="skip_hosts", help="do not ask compute hosts for their guests"),
    option(
        *("-f", "--format"),
        dest="format",
        choices=["table", "json"],
        default="table",
        help="table for people, json for machines",
    ),
]


def run(conf: Any, args: argparse.Namespace) -> int:
    bus = make_bus(conf)
    deps = make_deps(conf, Clients.from_conf(bus, conf))
    deps.databases.wait()
    own = Conducting(deps)
    # In embedded mode the bus is inside the other process: its hosts cannot be asked from here.
    hosts = not args.skip_hosts and not (conf.transport_url or "").startswith("memory:")
    own.runner.start()
    try:
        found = look(own.auditor, hosts=hosts)
        if args.repair and found:
            repair(own.auditor, found)
            own.runner.drain(FLOWS_TIMEOUT)
            found = look(own.auditor, hosts=hosts)
    finally:
        own.runner.stop()
        own.runner.wait(FLOWS_TIMEOUT)
        bus.close()
        deps.databases.close()
    print(shown(found, args.format))
    return FOUND if found else CLEAN


def look(auditor: Auditor, *, hosts: bool) -> list[Finding]:
    """What two looks in a row find."""
    find = auditor.all if hosts else auditor.databases
    first = {finding.key for finding in find()}
    if not first:
        return []
    clock.sleep(SETTLE)
    return [finding for finding in find() if finding.key in first]


def repair(auditor: Auditor, found: list[Finding]) -> None:
    """Each finding for itself: one that cannot be repaired does not stop the others."""
    for finding in found:
        if not finding.repairable:
            continue
        try:
            auditor.repair(finding)
        except errors.NovaLiteError as error:
            sys.stderr.write(f"{finding.kind} {finding.subject}: {error.message}\n")


def shown(found: list[Finding], form: str) -> str:
    if form == "json":
        return msgspec.json.encode(found).decode()
    if not found:
        return "Everything fits together."
    rows = [[f.kind, f.subject, "yes" if f.repairable else "no", f.text] for f in found]
    return table(["Kind", "Subject", "Repairable", "What"], rows)
