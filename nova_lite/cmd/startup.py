# SPDX-License-Identifier: Apache-2.0
"""What every daemon does first, in this order: choose the concurrency back end, read the
configuration, open the log.

This module imports nothing of ours but the first of these, so that the standard library is
patched before anybody uses it.
"""

import sys
from collections.abc import Sequence
from typing import Any

from nova_lite.base import concurrency

DEFAULT_FILE = "/etc/nova-lite/nova.conf"


def begin(prog: str, arguments: Sequence[str] | None = None) -> Any:
    """The configuration of this process, read. A wrong one ends the process with one line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        concurrency.patch(concurrency.wanted_backend(config_files(given)))
    except ValueError as error:
        sys.stderr.write(f"{prog}: {error}\n")
        raise SystemExit(1) from error
    from nova_lite.base import conf, log

    log.register(conf.CONF)
    read = conf.setup(given, prog)
    log.setup(read, prog)
    return read


def begin_command(prog: str, arguments: Sequence[str]) -> Any:
    """The configuration of a command that an operator gives: nothing is patched, and what is
    logged goes to stderr, so that stdout has the answer alone."""
    from nova_lite.base import conf, log

    log.register(conf.CONF)
    conf.CONF.set_default("use_stderr", True)
    read = conf.setup(list(arguments), prog)
    log.setup(read, prog)
    return read


def config_files(arguments: Sequence[str]) -> list[str]:
    """The files that --config-file names, else the default one."""
    found = []
    for at, word in enumerate(arguments):
        option, equals, value = word.partition("=")
        if option == "--config-file":
            found += [value] if equals else list(arguments[at + 1 : at + 2])
    return found or [DEFAULT_FILE]
