# SPDX-License-Identifier: Apache-2.0
"""[libvirt]"""

from oslo_config import cfg

GROUP = "libvirt"

OPTIONS: list[cfg.Opt] = [
    cfg.StrOpt(
        "virt_type",
        default="kvm",
        choices=["kvm", "qemu"],
        help="kvm: hardware virtualization; qemu: emulation.",
    ),
    cfg.StrOpt(
        "connection_uri", default="", help="URI of libvirt; empty: qemu:///system of this host."
    ),
    cfg.StrOpt(
        "cpu_mode",
        choices=["host-model", "host-passthrough", "custom", "none", "maximum"],
        help="The CPU that guests see; unset: host-model with kvm, none with qemu.",
    ),
    cfg.ListOpt("cpu_models", default=[], help="Models for cpu_mode custom, best first."),
    cfg.ListOpt("cpu_model_extra_flags", default=[], help="CPU flags to add, or with - to drop."),
    cfg.ListOpt(
        "hw_machine_type", help="Machine type, or several as architecture=type; unset: pc on x86."
    ),
    cfg.IntOpt(
        "num_pcie_ports",
        default=16,
        min=0,
        max=28,
        help="Ports of guests with PCI Express (q35, virt), also for what they have from the start;"
        " what is attached later needs one that is left. 0: as many as libvirt makes.",
    ),
    cfg.StrOpt(
        "images_type",
        default="default",
        choices=["default", "qcow2", "raw", "flat"],
        help="Format of disks; default: qcow2 with use_cow_images, else raw.",
    ),
    cfg.ListOpt("disk_cachemodes", default=[], help="Cache modes, as source=mode."),
    cfg.IntOpt(
        "wait_soft_reboot_seconds",
        default=120,
        min=0,
        help="Seconds that a soft reboot may take before it becomes a hard one.",
    ),
    cfg.IntOpt(
        "device_detach_attempts",
        default=8,
        min=1,
        help="How often a running guest is asked to let a device go.",
    ),
    cfg.IntOpt(
        "device_detach_timeout",
        default=20,
        min=1,
        help="Seconds that a guest gets to let a device go, each time.",
    ),
    cfg.StrOpt(
        "rescue_image_id",
        help="Image that servers are rescued with when the request names none; unset: their own.",
    ),
    cfg.StrOpt(
        "snapshots_directory",
        default="$instances_path/snapshots",
        help="Where copies of disks wait until they are uploaded.",
    ),
    cfg.StrOpt(
        "snapshot_image_format",
        choices=["raw", "qcow2"],
        help="Format of images that are made of servers; unset: the format of their disk.",
    ),
    cfg.BoolOpt(
        "snapshot_compression",
        default=False,
        help="Compress such images where they are qcow2: smaller, and slower.",
    ),
    cfg.StrOpt("rng_dev_path", default="/dev/urandom", help="Where guests' randomness comes from."),
    cfg.IntOpt(
        "mem_stats_period_seconds", default=10, help="Period of memory statistics; 0: none."
    ),
    cfg.IntOpt(
        "images_cpu_time_limit", default=30, min=0, help="CPU seconds that qemu-img info may use."
    ),
    cfg.IntOpt(
        "images_address_space_limit", default=2, min=0, help="GiB that qemu-img info may use."
    ),
]
