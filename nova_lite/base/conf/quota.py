# SPDX-License-Identifier: Apache-2.0
"""[quota]: what a project may have; -1 means no limit."""

from oslo_config import cfg

GROUP = "quota"

OPTIONS: list[cfg.Opt] = [
    cfg.IntOpt("instances", default=10, min=-1, help="Servers of a project."),
    cfg.IntOpt("cores", default=20, min=-1, help="vCPUs of a project."),
    cfg.IntOpt("ram", default=51200, min=-1, help="MiB of memory of a project."),
    cfg.IntOpt("metadata_items", default=128, min=-1, help="The most metadata items of a server."),
    cfg.IntOpt("injected_files", default=5, min=-1, help="The most injected files."),
    cfg.IntOpt(
        "injected_file_content_bytes",
        default=10240,
        min=-1,
        help="The most bytes of an injected file.",
    ),
    cfg.IntOpt(
        "injected_file_path_length", default=255, min=-1, help="The most characters of its path."
    ),
    cfg.IntOpt("key_pairs", default=100, min=-1, help="The most key pairs of a user."),
    cfg.IntOpt("server_groups", default=10, min=-1, help="The most server groups of a project."),
    cfg.IntOpt(
        "server_group_members", default=10, min=-1, help="The most members of a server group."
    ),
    cfg.StrOpt(
        "driver",
        default="nova.quota.DbQuotaDriver",
        choices=["nova.quota.DbQuotaDriver", "nova.quota.NoopQuotaDriver"],
        help="Who counts: the database, or nobody.",
    ),
]
