# SPDX-License-Identifier: Apache-2.0
"""What needs privileges, in a process of its own that has these capabilities and no other.

Functions here are called by the daemon, and run there. Each does one kind of thing.
"""

import os
import sys
from typing import Any

from oslo_privsep import capabilities, priv_context

SECTION = "network_privileged"

# NET_ADMIN: devices, rules; SYS_ADMIN: entering a network namespace; NET_RAW and
# NET_BIND_SERVICE: dnsmasq, and the port of the metadata relay.
CAPABILITIES = (
    capabilities.CAP_NET_ADMIN,
    capabilities.CAP_NET_BIND_SERVICE,
    capabilities.CAP_NET_RAW,
    capabilities.CAP_SYS_ADMIN,
)

# What dnsmasq calls where it is root's, even to stay root.
AS_ROOT = (capabilities.CAP_SETGID, capabilities.CAP_SETUID)

context = priv_context.PrivContext(
    "nova_lite.network.privileged",
    cfg_section=SECTION,
    pypath=f"{__name__}.context",
    # read again in the privileged process, which has the same user
    capabilities=[*CAPABILITIES, *(AS_ROOT if os.geteuid() == 0 else ())],
)


def prepare(conf: Any) -> None:
    """Say how the privileged process is started: by this program's own Python, which has the
    capabilities (from systemd, or by being root) and gives them on. An operator's
    helper_command (with sudo) wins."""
    start = "from oslo_privsep.daemon import helper_main; helper_main()"
    files = " ".join(f"--config-file {path}" for path in conf.config_file or ())
    conf.set_default(
        "helper_command", f'{sys.executable} -c "{start}" {files}'.strip(), group=SECTION
    )


def running() -> bool:
    """Whether the privileged process lives."""
    return context.channel is not None and bool(context.channel.running)
