# SPDX-License-Identifier: Apache-2.0
"""[scheduler]: choosing hosts."""

from oslo_config import cfg

GROUP = "scheduler"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt("max_attempts", default=3, min=1, help="Hosts that a build is tried on."),
    cfg.IntOpt("workers", default=1, min=1, help="Processes of the scheduler."),
    cfg.IntOpt(
        "max_verdicts",
        default=100,
        min=1,
        help="Refused hosts of a request that are told with their reasons; all are counted.",
    ),
]
