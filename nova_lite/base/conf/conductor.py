# SPDX-License-Identifier: Apache-2.0
"""[conductor]"""

from oslo_config import cfg

GROUP = "conductor"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt("workers", min=1, help="Processes of the conductor; unset: 2."),
    cfg.IntOpt(
        "max_concurrent_flows",
        default=64,
        min=1,
        help="How many flows of one kind (builds, deletions, power actions) one process works "
        "on at a time; more wait in line.",
    ),
]
