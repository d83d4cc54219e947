# SPDX-License-Identifier: Apache-2.0
"""nova-lite-network, and `nova-lite-network --remove`: take away all that it has made on this
host. To be called when the daemon has ended for good."""

import sys
from typing import Any

from nova_lite.cmd.startup import begin, begin_command

PROG = "nova-lite-network"
REMOVE = "--remove"


def main() -> None:
    if REMOVE in sys.argv[1:]:
        remove(begin_command(PROG, [word for word in sys.argv[1:] if word != REMOVE]))
        return
    conf = begin(PROG)
    # Only now, on the patched standard library:
    from nova_lite.base import service
    from nova_lite.network.service import build
    from nova_lite.rpc.clients import Clients
    from nova_lite.rpc.transport import make_bus

    def make() -> service.Service:
        bus = make_bus(conf)
        return build(conf, bus, Clients.from_conf(bus, conf))

    service.run(PROG, conf, make)


def remove(conf: Any) -> None:
    """Devices, rules, processes and files of ours; a line on stderr when that fails."""
    from nova_lite.network.service import remove_all

    problem = remove_all(conf)
    if problem:
        sys.stderr.write(f"{PROG}: {problem}\n")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
