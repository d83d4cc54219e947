# SPDX-License-Identifier: Apache-2.0
"""Configuration: `CONF`, and `setup` which every daemon calls with its command line.

`CONF` is oslo.config's own global object, because oslo.messaging registers options there.
"""

import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NoReturn

from oslo_config import cfg
from oslo_messaging import set_transport_defaults
from oslo_messaging.rpc import client as messaging_client
from oslo_messaging.transport import _transport_opts as messaging_options

from nova_lite.base import log
from nova_lite.base.conf.opts import GROUPS

CONF = cfg.CONF
PROJECT = "nova-lite"
DEFAULT_FILE = Path("/etc/nova-lite/nova.conf")
EXCHANGE = "nova-lite"


def register(conf: cfg.ConfigOpts) -> None:
    """Make every option of ours known; more than once does no harm."""
    for group, options in GROUPS:
        conf.register_opts(options, None if group == "DEFAULT" else group)
    # oslo.messaging makes these known only once it connects; they are wanted before.
    conf.register_opts(messaging_options)
    conf.register_opts(messaging_client._client_opts)


set_transport_defaults(EXCHANGE)
register(CONF)


def setup(argv: Sequence[str], prog: str, *, default_file: Path = DEFAULT_FILE) -> cfg.ConfigOpts:
    """Read the command line (without the program's name) and the configuration files.

    Files: those named by --config-file, else `default_file` where it exists. Whatever is wrong
    ends the process with one line on stderr, which names the option, and exit code 1.
    """
    log.register(CONF)
    files = [str(default_file)] if default_file.is_file() else []
    try:
        CONF(
            list(argv),
            project=PROJECT,
            prog=prog,
            version=version(),
            default_config_files=files,
            default_config_dirs=[],
        )
        check_values(CONF)
    except cfg.Error as error:
        fail(prog, " ".join(str(error).split()))
    return CONF


def check_values(conf: cfg.ConfigOpts) -> None:
    """Read every option once: oslo.config finds a wrong value only when it is read.

    Raises cfg.Error with the group, the name and the reason."""
    for name in conf:
        value = _read(conf, "DEFAULT", name)
        if isinstance(value, cfg.ConfigOpts.GroupAttr):
            for option in value:
                _read(value, name, option)


def _read(options: Any, group: str, name: str) -> Any:
    try:
        return options[name]
    except cfg.ConfigFileValueError as error:
        reason = str(error).partition("is not valid: ")[2] or str(error)
        raise cfg.Error(f"option [{group}] {name}: {reason}") from error


def fail(prog: str, reason: str) -> NoReturn:
    """End the process because of its configuration: one line, exit code 1."""
    sys.stderr.write(f"{prog}: {reason}\n")
    raise SystemExit(1)


def version() -> str:
    """The release of the installed package."""
    try:
        return metadata.version(PROJECT)
    except metadata.PackageNotFoundError:
        return "0.0.0"


def set_default(group: str, name: str, value: Any) -> None:
    """Another default for this process, as embedded mode and tests need."""
    CONF.set_default(name, value, None if group == "DEFAULT" else group)
