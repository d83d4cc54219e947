# SPDX-License-Identifier: Apache-2.0
"""[conductor]"""

from oslo_config import cfg

GROUP = "conductor"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt("workers", min=1, help="Processes of the conductor; unset: one a CPU."),
]
