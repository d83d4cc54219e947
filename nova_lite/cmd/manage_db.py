# SPDX-License-Identifier: Apache-2.0
"""`nova-lite-manage db ...` and `api_db ...`: what is printed, and the exit codes."""

import argparse
import datetime as dt
import sys
from typing import Any, Final

from nova_lite.cmd.printing import table
from nova_lite.conductor import archive, provision
from nova_lite.domain import errors

# archive_deleted_rows
NOTHING, ARCHIVED, BAD_ROWS, NO_API, BAD_BEFORE = 0, 1, 2, 3, 4
# purge
PURGED, NO_ARGUMENTS, BAD_DATE, NONE_PURGED, NO_API_TO_PURGE = 0, 1, 2, 3, 4
_FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def sync(conf: Any, args: argparse.Namespace) -> int:
    provision.sync_cells(conf, args.version, local=args.local_cell)
    return 0


def version(conf: Any, args: argparse.Namespace) -> int:
    print(provision.version(conf, api=False) or "none")
    return 0


def api_sync(conf: Any, args: argparse.Namespace) -> int:
    provision.sync_api(conf, args.version)
    return 0


def api_version(conf: Any, args: argparse.Namespace) -> int:
    print(provision.version(conf, api=True) or "none")
    return 0


def moment(text: str) -> dt.datetime:
    """A date, with or without a time; UTC where it says nothing else. ValueError."""
    for form in _FORMATS:
        try:
            return dt.datetime.strptime(text.strip(), form).replace(tzinfo=dt.UTC)
        except ValueError:
            continue
    read = dt.datetime.fromisoformat(text.strip())
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


def archive_deleted_rows(conf: Any, args: argparse.Namespace) -> int:
    try:
        rows = int(args.max_rows)
    except ValueError:
        rows = 0
    if not 0 < rows <= 2147483647:
        return _bad(
            f"max rows must be a number between 1 and 2147483647: {args.max_rows}", BAD_ROWS
        )
    try:
        before = moment(args.before) if args.before else None
    except ValueError:
        return _bad(f"invalid value for --before: {args.before}", BAD_BEFORE)
    try:
        databases, cells = provision.chosen_cells(conf, everything=args.all_cells)
    except (errors.DatabaseUnavailable, errors.ConfigurationError) as error:
        return _bad(str(error), NO_API)
    moved = archive.archive_deleted_rows(
        databases,
        cells,
        max_rows=rows,
        before=before,
        until_complete=args.until_complete,
        pause=args.sleep,
        progress=print if args.verbose else lambda words: None,
    )
    if args.verbose:
        _print_counts(moved, "archived", "Nothing was archived.")
    if args.purge and moved:
        gone = archive.purge(databases, cells, before)
        if args.verbose:
            _print_counts(gone, "purged", "Nothing was purged.")
    databases.close()
    return ARCHIVED if moved else NOTHING


def purge(conf: Any, args: argparse.Namespace) -> int:
    if bool(args.all) == bool(args.before):
        return _bad("say either --all or --before DATE", NO_ARGUMENTS)
    try:
        before = moment(args.before) if args.before else None
    except ValueError:
        return _bad(f"invalid value for --before: {args.before}", BAD_DATE)
    try:
        databases, cells = provision.chosen_cells(conf, everything=args.all_cells)
    except (errors.DatabaseUnavailable, errors.ConfigurationError) as error:
        return _bad(str(error), NO_API_TO_PURGE)
    gone = archive.purge(databases, cells, before)
    if args.verbose:
        _print_counts(gone, "purged", "Nothing was purged.")
    databases.close()
    return PURGED if gone else NONE_PURGED


def _bad(words: str, code: int) -> int:
    sys.stderr.write(f"nova-lite-manage: {words}\n")
    return code


def _print_counts(counts: dict[str, int], verb: str, nothing: str) -> None:
    rows = [(name, count) for name, count in sorted(counts.items()) if count]
    print(table(("Table", f"Rows {verb}"), rows) if rows else nothing)
