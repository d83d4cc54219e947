# SPDX-License-Identifier: Apache-2.0
"""[DEFAULT]: who this process is, where its files are, how often it does things."""

import socket

from oslo_config import cfg


def detect_my_ip() -> str:
    """The address that the default route leaves from; 127.0.0.1 where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: a datagram socket only looks up its route (TEST-NET-1).
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


GROUP = "DEFAULT"

OPTIONS: list[cfg.Opt] = [
    # --- identity and places -------------------------------------------------------------
    cfg.StrOpt(
        "host",
        default=socket.gethostname(),
        sample_default="<hostname>",
        regex=r"^[A-Za-z0-9_.:-]+$",
        help="This host's name among all services. It must not change while servers live here.",
    ),
    cfg.HostAddressOpt(
        "my_ip",
        default=detect_my_ip(),
        sample_default="<address of the default route>",
        help="The address at which other hosts reach this one.",
    ),
    cfg.StrOpt("state_path", default="/var/lib/nova-lite", help="Where state is kept."),
    cfg.StrOpt(
        "instances_path",
        default="$state_path/instances",
        help="Where the disks of servers are kept, one folder each.",
    ),
    # --- this process --------------------------------------------------------------------
    cfg.StrOpt(
        "concurrency_backend",
        default="auto",
        choices=["auto", "eventlet", "threading"],
        help="Green threads or native ones; auto means eventlet. The environment variable "
        "NOVA_LITE_CONCURRENCY comes first.",
    ),
    cfg.IntOpt(
        "graceful_shutdown_timeout",
        default=60,
        min=0,
        help="Seconds that running work gets to end after SIGTERM.",
    ),
    # --- the compute API -----------------------------------------------------------------
    cfg.HostAddressOpt(
        "osapi_compute_listen", default="0.0.0.0", help="Address of the compute API."
    ),
    cfg.PortOpt("osapi_compute_listen_port", default=8774, help="Port of the compute API."),
    cfg.IntOpt(
        "osapi_compute_workers", min=1, help="Processes of the compute API; unset: one a CPU."
    ),
    # --- the metadata API ----------------------------------------------------------------
    cfg.HostAddressOpt(
        "metadata_listen",
        default="0.0.0.0",
        help="Address of the metadata API: one that the relays reach, and guests do not.",
    ),
    cfg.PortOpt("metadata_listen_port", default=8775, help="Port of the metadata API."),
    cfg.IntOpt("metadata_workers", min=1, help="Processes of the metadata API; unset: one a CPU."),
    # --- between processes ---------------------------------------------------------------
    cfg.IntOpt(
        "long_rpc_timeout",
        default=1800,
        min=1,
        help="Seconds that a long RPC call may take while its server gives signs of life.",
    ),
    cfg.IntOpt(
        "rpc_call_monitor_timeout",
        default=10,
        min=1,
        help="Seconds of silence after which the server of a long RPC call counts as dead.",
    ),
    cfg.IntOpt("report_interval", default=10, min=1, help="Seconds between heartbeats."),
    cfg.IntOpt(
        "service_down_time", default=60, min=1, help="Age of a heartbeat that means down, seconds."
    ),
    cfg.BoolOpt("periodic_enable", default=True, help="Run periodic jobs."),
    cfg.IntOpt(
        "periodic_fuzzy_delay",
        default=60,
        min=0,
        help="Periodic jobs start at a random moment within so many seconds.",
    ),
    cfg.BoolOpt(
        "enable_new_services", default=True, help="A compute service seen first takes servers."
    ),
    # --- names and zones -----------------------------------------------------------------
    cfg.ListOpt(
        "non_inheritable_image_properties",
        default=["cache_in_nova", "bittorrent"],
        help="Properties of an image that the images made of its servers do not get.",
    ),
    cfg.IntOpt(
        "max_concurrent_snapshots",
        default=5,
        min=0,
        help="Copies of disks that a host makes at a time; 0: any number.",
    ),
    cfg.StrOpt(
        "instance_name_template",
        default="instance-%08x",
        help="The hypervisor's name of a guest, made from its id or, as %(uuid)s, its uuid.",
    ),
    cfg.StrOpt(
        "osapi_compute_unique_server_name_scope",
        default="",
        choices=["", "project", "global"],
        help="Where server names must be unique.",
    ),
    cfg.IntOpt("password_length", default=12, min=0, help="Length of a made-up adminPass."),
    cfg.StrOpt(
        "default_availability_zone", default="nova", help="The zone of hosts that are in none."
    ),
    cfg.StrOpt(
        "internal_service_availability_zone",
        default="internal",
        help="The zone shown for services other than compute.",
    ),
    cfg.StrOpt("default_schedule_zone", help="The zone of servers that ask for none."),
    # --- compute -------------------------------------------------------------------------
    cfg.StrOpt("compute_driver", help="libvirt.LibvirtDriver or fake.FakeDriver."),
    cfg.IntOpt(
        "max_concurrent_builds",
        default=10,
        min=0,
        help="Builds at a time on one host; 0: no limit.",
    ),
    cfg.FloatOpt("cpu_allocation_ratio", min=0.0, help="vCPUs to sell for each real one."),
    cfg.FloatOpt("ram_allocation_ratio", min=0.0, help="Memory to sell for each real unit."),
    cfg.FloatOpt("disk_allocation_ratio", min=0.0, help="Disk to sell for each real unit."),
    cfg.FloatOpt(
        "initial_cpu_allocation_ratio", default=4.0, min=0.0, help="The ratio of new hosts."
    ),
    cfg.FloatOpt(
        "initial_ram_allocation_ratio", default=1.0, min=0.0, help="The ratio of new hosts."
    ),
    cfg.FloatOpt(
        "initial_disk_allocation_ratio", default=1.0, min=0.0, help="The ratio of new hosts."
    ),
    cfg.IntOpt("reserved_host_memory_mb", default=512, min=0, help="MiB kept for the host."),
    cfg.IntOpt("reserved_host_disk_mb", default=0, min=0, help="MiB of disk kept for the host."),
    cfg.IntOpt("reserved_host_cpus", default=0, min=0, help="CPUs kept for the host."),
    cfg.BoolOpt("use_cow_images", default=True, help="Disks are overlays over cached images."),
    cfg.BoolOpt("force_raw_images", default=True, help="Convert cached images to raw."),
    cfg.StrOpt(
        "preallocate_images",
        default="none",
        choices=["none", "space"],
        help="space: claim the blocks of a disk when it is made.",
    ),
    cfg.IntOpt(
        "shutdown_timeout", default=60, min=0, help="Seconds a guest gets to power off by itself."
    ),
    cfg.BoolOpt(
        "resume_guests_state_on_host_boot",
        default=False,
        help="Start the guests that ran when the host went down.",
    ),
    cfg.StrOpt(
        "pointer_model",
        default="usbtablet",
        choices=["", "ps2mouse", "usbtablet"],
        help="The pointing device of guests with a screen.",
    ),
    cfg.IntOpt(
        "max_local_block_devices",
        default=3,
        min=-1,
        help="Disks on its host that a server may have, the root disk counted; 0: it has to boot "
        "from a volume, -1: any number. The conductor's.",
    ),
    # --- config drives ---------------------------------------------------------------------
    cfg.BoolOpt(
        "force_config_drive",
        default=False,
        help="Every new server has a config drive. The conductor's.",
    ),
    cfg.StrOpt(
        "config_drive_format",
        default="iso9660",
        choices=["iso9660", "vfat"],
        help="A CD, or a disk of 64 MiB for guests that read no CD.",
    ),
    cfg.StrOpt(
        "mkisofs_cmd", default="genisoimage", help="Makes CDs; mkisofs and xorrisofs do, too."
    ),
    # --- limits in time ------------------------------------------------------------------
    cfg.IntOpt(
        "instance_build_timeout",
        default=0,
        min=0,
        help="Seconds after which a build counts as failed; 0: never.",
    ),
    cfg.IntOpt(
        "reclaim_instance_interval",
        default=0,
        min=0,
        help="Seconds that deleted servers can be restored; 0: they go at once.",
    ),
    cfg.IntOpt(
        "shelved_offload_time",
        default=0,
        min=-1,
        help="Seconds until a shelved server gives up its host; 0: at once; -1: never.",
    ),
    cfg.IntOpt(
        "shelved_poll_interval",
        default=3600,
        min=-1,
        help="Seconds between looks for such servers; 0 or less: nobody looks.",
    ),
    cfg.IntOpt(
        "rescue_timeout",
        default=0,
        min=0,
        help="Seconds after which a rescued server is unrescued; 0: never.",
    ),
    cfg.StrOpt(
        "running_deleted_instance_action",
        default="reap",
        choices=["noop", "log", "shutdown", "reap"],
        help="What happens to a guest whose server is deleted.",
    ),
    cfg.IntOpt(
        "running_deleted_instance_poll_interval",
        default=1800,
        help="Seconds between searches for such guests.",
    ),
    cfg.IntOpt(
        "running_deleted_instance_timeout",
        default=0,
        help="Seconds since the deletion before the action is taken.",
    ),
    cfg.IntOpt(
        "sync_power_state_interval",
        default=600,
        help="Seconds between comparisons of power states; negative: never.",
    ),
    cfg.IntOpt(
        "update_resources_interval",
        default=0,
        help="Seconds between resource reports; 0: 60, negative: never.",
    ),
]
