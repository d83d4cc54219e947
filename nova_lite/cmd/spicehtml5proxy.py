# SPDX-License-Identifier: Apache-2.0
"""nova-lite-spicehtml5proxy: screens by SPICE of guests, for browsers."""

from nova_lite.cmd.startup import begin

PROG = "nova-lite-spicehtml5proxy"


def main() -> None:
    conf = begin(PROG)
    # Only now, on the patched standard library:
    from nova_lite.base import service
    from nova_lite.console.service import build_spice
    from nova_lite.rpc.clients import Clients
    from nova_lite.rpc.transport import make_bus

    def make() -> service.Service:
        bus = make_bus(conf)
        return build_spice(conf, bus, Clients.from_conf(bus, conf))

    service.run(PROG, conf, make)


if __name__ == "__main__":
    main()
