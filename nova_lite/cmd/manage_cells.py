# SPDX-License-Identifier: Apache-2.0
"""`nova-lite-manage cell_v2 ...`: what is printed, and the exit codes."""

import argparse
import sys
from typing import Any

from nova_lite.cmd.printing import table
from nova_lite.conductor import cell_admin, provision
from nova_lite.domain import errors
from nova_lite.domain.cell import CELL0, Cell


def _bad(words: str, code: int) -> int:
    sys.stderr.write(f"nova-lite-manage: {words}\n")
    return code


def _find(databases: Any, uuid: str) -> Cell | None:
    return next((cell for cell in databases.cells(fresh=True) if cell.uuid == uuid), None)


def simple_cell_setup(conf: Any, args: argparse.Namespace) -> int:
    for line in provision.simple_cell_setup(conf, args.transport_url):
        print(line)
    return 0


def map_cell0(conf: Any, args: argparse.Namespace) -> int:
    databases = provision.open_databases(conf)
    url = args.database_connection or cell_admin.cell0_url(conf.database.connection or "")
    made = cell_admin.map_cell0(databases, url)
    print("cell0 is mapped" if made else "cell0 is mapped already")
    return 0


def create_cell(conf: Any, args: argparse.Namespace) -> int:
    """1: nothing says where the cell is. 2: another cell is there."""
    queue = args.transport_url or conf.transport_url
    url = args.database_connection or conf.database.connection
    if not queue:
        return _bad("say --transport-url, or set [DEFAULT] transport_url", 1)
    if not url:
        return _bad("say --database_connection, or set [database] connection", 1)
    databases = provision.open_databases(conf)
    try:
        cell = cell_admin.create_cell(
            databases, name=args.name, url=url, transport_url=queue, disabled=args.disabled
        )
    except errors.Conflict as error:
        return _bad(str(error), 2)
    if args.verbose:
        print(cell.uuid)
    return 0


def update_cell(conf: Any, args: argparse.Namespace) -> int:
    """1: no such cell. 3: another cell is there. 4: --enable and --disable. 5: cell0."""
    if args.enable and args.disable:
        return _bad("either --enable or --disable", 4)
    databases = provision.open_databases(conf)
    cell = _find(databases, args.cell_uuid)
    if cell is None:
        return _bad(f"there is no cell {args.cell_uuid}", 1)
    if cell.uuid == CELL0 and (args.enable or args.disable):
        return _bad("cell0 cannot be enabled or disabled", 5)
    values: dict[str, Any] = {
        name: getattr(args, name)
        for name in ("name", "transport_url", "database_connection")
        if getattr(args, name)
    }
    if args.enable or args.disable:
        values["disabled"] = bool(args.disable)
    try:
        cell_admin.update_cell(databases, cell, **values)
    except errors.Conflict as error:
        return _bad(str(error), 3)
    return 0


def delete_cell(conf: Any, args: argparse.Namespace) -> int:
    """1: no such cell. 2: it has hosts. 3: it has servers."""
    databases = provision.open_databases(conf)
    cell = _find(databases, args.cell_uuid)
    if cell is None:
        return _bad(f"there is no cell {args.cell_uuid}", 1)
    hosts = [h for h, uuid in cell_admin.list_hosts(databases).items() if uuid == cell.uuid]
    if hosts and not args.force:
        return _bad(f"the cell has {len(hosts)} hosts; --force unmaps them", 2)
    if cell_admin.has_servers(databases, cell):
        return _bad("the cell has servers; deleted ones count until they are archived", 3)
    cell_admin.delete_cell(databases, cell)
    return 0


def list_cells(conf: Any, args: argparse.Namespace) -> int:
    databases = provision.open_databases(conf)
    shown = str if args.verbose else cell_admin.hide_password
    rows = [
        (
            cell.name or "",
            cell.uuid,
            shown(cell.transport_url),
            shown(cell.database_connection),
            cell.disabled,
        )
        for cell in databases.cells(fresh=True)
    ]
    print(table(("Name", "UUID", "Transport URL", "Database Connection", "Disabled"), rows))
    return 0


def discover_hosts(conf: Any, args: argparse.Namespace) -> int:
    """1: no such cell, or with --strict no new host. 2: another cell has the host."""
    databases = provision.open_databases(conf)
    chosen = [cell for cell in databases.cells(fresh=True) if cell.uuid != CELL0]
    if args.cell_uuid:
        chosen = [cell for cell in chosen if cell.uuid == args.cell_uuid]
        if not chosen:
            return _bad(f"there is no cell {args.cell_uuid}", 1)
    found = cell_admin.discover_hosts(databases, chosen, by_service=args.by_service)
    if args.verbose:
        for cell, host in found.mapped:
            print(f"{host} is mapped to cell {cell.name or cell.uuid}")
    for cell, host in found.duplicates:
        _bad(f"{host} of cell {cell.name or cell.uuid} is mapped to another cell", 2)
    if found.duplicates:
        return 2
    return 1 if args.strict and not found.mapped else 0


def list_hosts(conf: Any, args: argparse.Namespace) -> int:
    """1: no such cell."""
    databases = provision.open_databases(conf)
    cells = {cell.uuid: cell for cell in databases.cells(fresh=True)}
    if args.cell_uuid and args.cell_uuid not in cells:
        return _bad(f"there is no cell {args.cell_uuid}", 1)
    rows = [
        (cells[uuid].name or "", uuid, host)
        for host, uuid in cell_admin.list_hosts(databases).items()
        if args.cell_uuid in (None, uuid)
    ]
    print(table(("Cell Name", "Cell UUID", "Hostname"), rows))
    return 0


def delete_host(conf: Any, args: argparse.Namespace) -> int:
    """1: no such cell. 2: no such host in it. 3: the host has servers. 4: it could not be done."""
    databases = provision.open_databases(conf)
    cell = _find(databases, args.cell_uuid)
    if cell is None:
        return _bad(f"there is no cell {args.cell_uuid}", 1)
    if cell_admin.list_hosts(databases).get(args.host) != cell.uuid:
        return _bad(f"there is no host {args.host} in cell {args.cell_uuid}", 2)
    servers = cell_admin.servers_on(databases, cell, args.host)
    if servers:
        return _bad(f"{args.host} has {servers} servers", 3)
    try:
        cell_admin.unmap_host(databases, args.host)
    except errors.ServiceBusy as error:
        return _bad(str(error), 4)
    return 0
