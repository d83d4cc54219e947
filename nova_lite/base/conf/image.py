# SPDX-License-Identifier: Apache-2.0
"""[image]: where images come from."""

from oslo_config import cfg

GROUP = "image"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt("backend", default="glance", help="glance, local, or (tests) fake."),
    cfg.StrOpt("local_path", default="$state_path/images", help="The folder of the local store."),
]
