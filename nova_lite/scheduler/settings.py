# SPDX-License-Identifier: Apache-2.0
"""What an operator decides about placement, as a value: the pipeline reads no configuration."""

from typing import Any

import msgspec

MULTIPLIERS = (
    "cpu_weight_multiplier",
    "ram_weight_multiplier",
    "disk_weight_multiplier",
    "io_ops_weight_multiplier",
    "num_instances_weight_multiplier",
    "build_failure_weight_multiplier",
    "soft_affinity_weight_multiplier",
    "soft_anti_affinity_weight_multiplier",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Names and meanings are those of [filter_scheduler]; max_verdicts is of [scheduler].

    multipliers: option name -> value; a weigher whose option is not in it uses its own default.
    """

    host_subset_size: int = 1
    shuffle_best_same_weighed_hosts: bool = False
    max_io_ops_per_host: int = 8
    max_instances_per_host: int = 50
    image_properties_default_architecture: str | None = None
    multipliers: dict[str, float] = {}
    max_verdicts: int = 100


def from_conf(conf: Any) -> Settings:
    """The settings that the configuration says."""
    group = conf.filter_scheduler
    return Settings(
        host_subset_size=group.host_subset_size,
        shuffle_best_same_weighed_hosts=group.shuffle_best_same_weighed_hosts,
        max_io_ops_per_host=group.max_io_ops_per_host,
        max_instances_per_host=group.max_instances_per_host,
        image_properties_default_architecture=group.image_properties_default_architecture,
        multipliers={name: group[name] for name in MULTIPLIERS},
        max_verdicts=conf.scheduler.max_verdicts,
    )
