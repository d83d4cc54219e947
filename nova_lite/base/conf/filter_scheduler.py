# SPDX-License-Identifier: Apache-2.0
"""[filter_scheduler]: filters, weighers and their numbers."""

from oslo_config import cfg

GROUP = "filter_scheduler"

OPTIONS: list[cfg.Opt] = [
    cfg.MultiStrOpt(
        "available_filters",
        default=["nova_lite.scheduler.filters.all_filters"],
        help="Filters that can be enabled: all the known ones, or a class by its dotted path.",
    ),
    cfg.ListOpt(
        "enabled_filters",
        default=[
            "ComputeFilter",
            "AvailabilityZoneFilter",
            "ComputeCapabilitiesFilter",
            "ImagePropertiesFilter",
            "ServerGroupAntiAffinityFilter",
            "ServerGroupAffinityFilter",
        ],
        help="Filters in use.",
    ),
    cfg.ListOpt(
        "weight_classes",
        default=["nova_lite.scheduler.weighers.all_weighers"],
        help="Weighers in use: all the known ones, or classes by their dotted paths.",
    ),
    cfg.IntOpt("host_subset_size", default=1, min=1, help="Choose among so many best hosts."),
    cfg.BoolOpt(
        "shuffle_best_same_weighed_hosts", default=False, help="Choose at random among equals."
    ),
    cfg.IntOpt("max_io_ops_per_host", default=8, min=0, help="The limit of IoOpsFilter."),
    cfg.IntOpt(
        "max_instances_per_host", default=50, min=1, help="The limit of NumInstancesFilter."
    ),
    cfg.StrOpt(
        "image_properties_default_architecture",
        help="The architecture of images that name none.",
    ),
    cfg.FloatOpt("ram_weight_multiplier", default=1.0, help="How much the RAM weigher counts."),
    cfg.FloatOpt("cpu_weight_multiplier", default=1.0, help="How much the CPU weigher counts."),
    cfg.FloatOpt("disk_weight_multiplier", default=1.0, help="How much the Disk weigher counts."),
    cfg.FloatOpt(
        "io_ops_weight_multiplier", default=-1.0, help="How much the IoOps weigher counts."
    ),
    cfg.FloatOpt(
        "num_instances_weight_multiplier",
        default=0.0,
        help="How much the NumInstances weigher counts.",
    ),
    cfg.FloatOpt(
        "build_failure_weight_multiplier",
        default=1000000.0,
        help="How much the BuildFailure weigher counts.",
    ),
    cfg.FloatOpt(
        "soft_affinity_weight_multiplier",
        default=1.0,
        help="How much the ServerGroupSoftAffinity weigher counts.",
    ),
    cfg.FloatOpt(
        "soft_anti_affinity_weight_multiplier",
        default=1.0,
        help="How much the ServerGroupSoftAntiAffinity weigher counts.",
    ),
]
