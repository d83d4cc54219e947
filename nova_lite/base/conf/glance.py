# SPDX-License-Identifier: Apache-2.0
"""[glance]: the Image service. Its credentials are options of keystoneauth in this group."""

from oslo_config import cfg

GROUP = "glance"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt("num_retries", default=3, min=0, help="Tries again after a failed download."),
]
