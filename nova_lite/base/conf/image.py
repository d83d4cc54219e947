# SPDX-License-Identifier: Apache-2.0
"""[image]: where images come from."""

from oslo_config import cfg

GROUP = "image"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt("backend", default="glance", help="glance, local, or (tests) fake."),
    cfg.StrOpt("local_path", default="$state_path/images", help="The folder of the local store."),
    cfg.IntOpt(
        "local_max_size",
        default=1 << 40,
        min=0,
        help="Bytes that one image of the local store may have; 0: no limit.",
    ),
]
