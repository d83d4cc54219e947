# SPDX-License-Identifier: Apache-2.0
"""[upgrade_levels]: RPC versions to speak while services of two releases run."""

from oslo_config import cfg

GROUP = "upgrade_levels"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt("compute", help="auto, a release, or a version like 1.0; unset: the newest."),
    cfg.StrOpt("conductor", help="auto, a release, or a version like 1.0; unset: the newest."),
    cfg.StrOpt("network", help="auto, a release, or a version like 1.0; unset: the newest."),
    cfg.StrOpt("scheduler", help="auto, a release, or a version like 1.0; unset: the newest."),
]
