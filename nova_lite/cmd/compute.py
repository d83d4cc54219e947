# SPDX-License-Identifier: Apache-2.0
"""nova-lite-compute"""

import os

from nova_lite.cmd.startup import begin

PROG = "nova-lite-compute"

# Calls into the hypervisor each hold a native thread; one that waits for guests to power off
# holds it for a minute. The library's default is 20.
NATIVE_THREADS = "64"


def main() -> None:
    os.environ.setdefault("EVENTLET_THREADPOOL_SIZE", NATIVE_THREADS)
    conf = begin(PROG)
    # Only now, on the patched standard library:
    from nova_lite.base import service
    from nova_lite.compute.service import build
    from nova_lite.rpc.clients import Clients
    from nova_lite.rpc.transport import make_bus

    def make() -> service.Service:
        bus = make_bus(conf)
        return build(conf, bus, Clients.from_conf(bus, conf))

    service.run(PROG, conf, make)


if __name__ == "__main__":
    main()
