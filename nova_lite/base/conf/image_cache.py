# SPDX-License-Identifier: Apache-2.0
"""[image_cache]: base images on compute hosts."""

from oslo_config import cfg

GROUP = "image_cache"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt(
        "manager_interval", default=2400, min=-1, help="Seconds between clean-ups; -1: never."
    ),
    cfg.StrOpt("subdirectory_name", default="_base", help="Its folder in instances_path."),
    cfg.BoolOpt("remove_unused_base_images", default=True, help="Remove what no disk needs."),
    cfg.IntOpt(
        "remove_unused_original_minimum_age_seconds",
        default=86400,
        min=0,
        help="Seconds that an unused base image is kept.",
    ),
    cfg.IntOpt(
        "precache_concurrency",
        default=1,
        min=1,
        help="How many compute hosts a conductor has fetch images ahead of use at a time; all of "
        "them ask the image service for the same data, so raise it only as far as that keeps up.",
    ),
]
