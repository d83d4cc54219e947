# SPDX-License-Identifier: Apache-2.0
"""[network]: who connects guests."""

from oslo_config import cfg

GROUP = "network"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt("backend", default="none", help="none, user (the hypervisor's own NAT), or fake."),
]
