# SPDX-License-Identifier: Apache-2.0
"""[volume]: who keeps volumes."""

from oslo_config import cfg

GROUP = "volume"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt("backend", default="none", help="none or (tests) fake."),
]
