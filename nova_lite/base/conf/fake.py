# SPDX-License-Identifier: Apache-2.0
"""[fake]: the driver and the back ends that only pretend."""

from oslo_config import cfg

GROUP = "fake"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt(
        "hosts",
        default=1,
        min=1,
        help="Compute hosts that one process serves; from two on they are called "
        "<host>-1, <host>-2, ...",
    ),
    cfg.IntOpt("vcpus", default=64, min=1, help="CPUs of each host."),
    cfg.IntOpt("memory_mb", default=131072, min=1, help="Memory of each host, MiB."),
    cfg.IntOpt("disk_gb", default=2000, min=0, help="Disk of each host, GiB."),
    cfg.FloatOpt("spawn_delay", default=0.0, min=0.0, help="Seconds that a guest takes to start."),
    cfg.StrOpt(
        "state_path",
        help="The folder in which guests, ports and volumes outlive the process; unset: they end "
        "with it.",
    ),
    cfg.StrOpt(
        "faults_file",
        help="A JSON list of faults to inject, read again whenever it changes. See the guide for "
        "contributors, testing.",
    ),
]
