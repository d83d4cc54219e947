# SPDX-License-Identifier: Apache-2.0
"""nova-lite-api-metadata"""

import os

from nova_lite.cmd.startup import begin

PROG = "nova-lite-api-metadata"


def main() -> None:
    conf = begin(PROG)
    # Only now, on the patched standard library:
    from nova_lite.api import serve
    from nova_lite.api.metadata import service as metadata
    from nova_lite.base import conf as base_conf
    from nova_lite.base import service
    from nova_lite.domain import errors
    from nova_lite.rpc.clients import Clients
    from nova_lite.rpc.transport import make_bus

    try:
        metadata.check(conf)
        sock = serve.listen(conf, metadata.place(conf))
    except errors.ConfigurationError as error:
        base_conf.fail(PROG, error.message)

    def make() -> service.Service:
        bus = make_bus(conf)
        return metadata.build(conf, bus, Clients.from_conf(bus, conf), sock=sock)

    service.run(PROG, conf, make, workers=conf.metadata_workers or os.cpu_count() or 1)


if __name__ == "__main__":
    main()
