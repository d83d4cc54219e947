# SPDX-License-Identifier: Apache-2.0
"""[workarounds]"""

from oslo_config import cfg

GROUP = "workarounds"

OPTIONS: list[cfg.Opt] = [
    cfg.BoolOpt(
        "handle_virt_lifecycle_events",
        default=True,
        help="React at once when the hypervisor says that a guest started or stopped.",
    ),
]
