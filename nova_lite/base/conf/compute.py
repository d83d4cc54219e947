# SPDX-License-Identifier: Apache-2.0
"""[compute]"""

from oslo_config import cfg

GROUP = "compute"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt(
        "consecutive_build_service_disable_threshold",
        default=10,
        min=0,
        help="Failed builds in a row that BuildFailureWeigher hears of; 0: none.",
    ),
    cfg.IntOpt(
        "max_concurrent_disk_ops", default=0, min=0, help="Disk copies at a time; 0: no limit."
    ),
    cfg.ListOpt("image_type_exclude_list", default=[], help="Disk formats that are refused."),
    cfg.IntOpt(
        "shutdown_retry_interval",
        default=10,
        min=1,
        help="Seconds between requests to a guest to power off.",
    ),
]
