# SPDX-License-Identifier: Apache-2.0
"""nova-lite-conductor"""

from nova_lite.cmd.startup import begin

PROG = "nova-lite-conductor"
DEFAULT_WORKERS = 2


def main() -> None:
    conf = begin(PROG)
    # Only now, on the patched standard library:
    from nova_lite.base import service
    from nova_lite.conductor.service import build
    from nova_lite.rpc.clients import Clients
    from nova_lite.rpc.transport import make_bus

    def make() -> service.Service:
        bus = make_bus(conf)
        return build(conf, bus, Clients.from_conf(bus, conf))

    service.run(PROG, conf, make, workers=conf.conductor.workers or DEFAULT_WORKERS)


if __name__ == "__main__":
    main()
