# SPDX-License-Identifier: Apache-2.0
"""Whether guests can be had here, asked by a process of its own, which may be ended when libvirt
does not answer: `python -m nova_lite.virt.libvirt.probe --config-file FILE ...`.

Exit code 0: they can, or another driver is configured. REFUSED: they cannot, and a line on stdout
says what is missing and what to do.
"""

import sys
from typing import Final

from oslo_config import cfg

from nova_lite.base import conf
from nova_lite.domain.errors import NovaLiteError
from nova_lite.virt.libvirt import options
from nova_lite.virt.libvirt.connection import Connection
from nova_lite.virt.libvirt.inventory import read_host

REFUSED: Final = 3
DRIVERS: Final = ("libvirt", "LibvirtDriver")  # how the names of this driver end


def main() -> int:
    objection = objection_to(conf.setup(sys.argv[1:], "nova-lite"))
    if objection is None:
        return 0
    sys.stdout.write(f"{objection}\n")
    return REFUSED


def objection_to(read: cfg.ConfigOpts) -> str | None:
    """Why the driver would not start with these options, None where it would."""
    if (read.compute_driver or "").rpartition(".")[2] not in DRIVERS:
        return None
    try:
        options.check_programs()
        facts = read_host(Connection(options.uri(read)))
        options.check_host(read.libvirt.virt_type, facts)
    except NovaLiteError as error:
        return str(error.values.get("reason") or error.message)
    return None


if __name__ == "__main__":
    sys.exit(main())
