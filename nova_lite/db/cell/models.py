# SPDX-License-Identifier: Apache-2.0
"""The tables of a cell's database. A new column: here and in a new revision under alembic/.

Soft-deleted rows: `deleted` is 0, or the row's id once it is deleted, so that unique keys can
contain it; `deleted_at` is when. `archived` tables have a shadow_ twin that
`nova-lite-manage db archive_deleted_rows` moves such rows to.
"""

from typing import Any, Final

import sqlalchemy as sa

from nova_lite.db.columns import UUID_LENGTH, LongText, Moment, Name
from nova_lite.db.tables import MYSQL, NAMING, id_column, time_columns, uuid_column

metadata = sa.MetaData(naming_convention=NAMING)


def _soft() -> tuple[sa.Column[Any], sa.Column[Any]]:
    return (
        sa.Column("deleted_at", Moment()),
        sa.Column("deleted", sa.Integer, nullable=False, server_default="0"),
    )


# --- hosts ----------------------------------------------------------------------------------

services = sa.Table(
    "services",
    metadata,
    id_column(),
    uuid_column(unique=True),
    sa.Column("host", Name(), nullable=False),
    sa.Column("binary", Name(), nullable=False),
    sa.Column("topic", Name(), nullable=False),
    sa.Column("report_count", sa.Integer, nullable=False, server_default="0"),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("disabled_reason", sa.String(255)),
    sa.Column("forced_down", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("last_seen_up", Moment()),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("wire_level", sa.Integer, nullable=False, server_default="1"),
    *time_columns(),
    *_soft(),
    sa.UniqueConstraint("host", "binary", "deleted"),
    **MYSQL,
)

compute_nodes = sa.Table(
    "compute_nodes",
    metadata,
    id_column(),
    uuid_column(unique=True),
    sa.Column("host", Name(), nullable=False),
    sa.Column("hypervisor_hostname", Name(), nullable=False),
    # The last report (NodeReport as JSON), and digests of it and of what schedulers see of it.
    sa.Column("report", LongText(), nullable=False),
    sa.Column("digest", sa.String(32), nullable=False),
    sa.Column("facts_digest", sa.String(32), nullable=False),
    *time_columns(),
    *_soft(),
    sa.UniqueConstraint("host", "hypervisor_hostname", "deleted"),
    **MYSQL,
)

# --- servers: see the modules of the same names ---------------------------------------------

# What can be filtered or sorted by is a column; `data` is one JSON document with a `schema`
# number for the rest, metadata and vifs are documents of their own because they change often.
# `extras`: which child tables have rows for it (bits of db/cell/instances.py).
instances = sa.Table(
    "instances",
    metadata,
    id_column(),
    uuid_column(unique=True),
    sa.Column("project_id", Name(), nullable=False),
    sa.Column("user_id", Name(), nullable=False),
    sa.Column("display_name", Name(), nullable=False),
    sa.Column("description", LongText()),
    sa.Column("hostname", Name()),
    sa.Column("vm_state", sa.String(32), nullable=False),
    sa.Column("task_state", sa.String(48)),
    sa.Column("power_state", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("host", Name()),
    sa.Column("node", Name()),
    sa.Column("availability_zone", Name()),
    sa.Column("image_ref", sa.String(UUID_LENGTH)),
    sa.Column("kernel_id", Name()),
    sa.Column("ramdisk_id", Name()),
    sa.Column("flavorid", Name(), nullable=False),
    sa.Column("instance_type_id", sa.Integer, nullable=False),
    sa.Column("key_name", Name()),
    sa.Column("config_drive", sa.Boolean, nullable=False),
    sa.Column("auto_disk_config", sa.Boolean, nullable=False),
    sa.Column("launch_index", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reservation_id", sa.String(64), index=True),
    sa.Column("locked_by", sa.String(16)),
    sa.Column("access_ip_v4", sa.String(39)),
    sa.Column("access_ip_v6", sa.String(39)),
    sa.Column("progress", sa.Integer, nullable=False, server_default="0"),
    sa.Column("root_device_name", sa.String(255)),
    # How the hypervisor's name is made of the id; as it was configured at creation.
    sa.Column("name_template", Name(), nullable=False),
    sa.Column("launched_at", Moment()),
    sa.Column("terminated_at", Moment()),
    sa.Column("created_at", Moment(), nullable=False),
    sa.Column("updated_at", Moment()),
    *_soft(),
    sa.Column("extras", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("metadata", LongText(), nullable=False),
    sa.Column("vifs", LongText(), nullable=False),
    sa.Column("data", LongText(), nullable=False),
    # The default list of a project and of everybody; a host's servers; what changed since.
    sa.Index("ix_instances_project_list", "project_id", "deleted", "created_at", "id"),
    sa.Index("ix_instances_list", "deleted", "created_at", "id"),
    sa.Index("ix_instances_host", "host", "deleted"),
    sa.Index("ix_instances_changes", "updated_at"),
    sa.Index("ix_instances_task", "deleted", "task_state"),
    sa.Index("ix_instances_state", "deleted", "vm_state"),
    **MYSQL,
)

tags = sa.Table(
    "tags",
    metadata,
    uuid_column("instance_uuid", primary_key=True),
    sa.Column("tag", Name(80), primary_key=True),
    **MYSQL,
)

# Gone with their server: what an attachment was is in the volume service.
block_devices = sa.Table(
    "block_device_mapping",
    metadata,
    id_column(),
    uuid_column(unique=True),
    uuid_column("instance_uuid", index=True),
    sa.Column("volume_id", sa.String(UUID_LENGTH), index=True),
    sa.Column("data", LongText(), nullable=False),
    *time_columns(),
    **MYSQL,
)

# `data` is for operators: the verdicts of a placement that found no host.
instance_faults = sa.Table(
    "instance_faults",
    metadata,
    id_column(),
    uuid_column("instance_uuid", index=True),
    sa.Column("code", sa.Integer, nullable=False),
    sa.Column("message", sa.String(255), nullable=False),
    sa.Column("details", LongText()),
    sa.Column("data", LongText()),
    sa.Column("created_at", Moment(), nullable=False),
    **MYSQL,
)

instance_actions = sa.Table(
    "instance_actions",
    metadata,
    id_column(),
    uuid_column("instance_uuid"),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("user_id", Name()),
    sa.Column("project_id", Name()),
    sa.Column("start_time", Moment(), nullable=False),
    sa.Column("updated_at", Moment()),
    sa.Column("message", sa.String(255)),
    sa.Index("ix_instance_actions_request", "instance_uuid", "request_id"),
    sa.Index("ix_instance_actions_changes", "instance_uuid", "updated_at"),
    **MYSQL,
)

instance_action_events = sa.Table(
    "instance_actions_events",
    metadata,
    id_column(),
    uuid_column("instance_uuid"),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("event", sa.String(255), nullable=False),
    sa.Column("start_time", Moment(), nullable=False),
    sa.Column("finish_time", Moment()),
    sa.Column("result", sa.String(32)),
    sa.Column("traceback", LongText()),
    sa.Column("host", Name()),
    sa.Column("details", LongText()),
    sa.Index("ix_instance_actions_events_request", "instance_uuid", "request_id"),
    **MYSQL,
)

# --- consoles: see domain/console.py --------------------------------------------------------

# `digest` is that of the token; expired ones are removed by a periodic job.
console_tokens = sa.Table(
    "console_auth_tokens",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    uuid_column("instance_uuid", index=True),
    sa.Column("console_type", sa.String(32), nullable=False),
    sa.Column("host", Name(), nullable=False),
    sa.Column("address", LongText(), nullable=False),
    sa.Column("access_url_base", LongText(), nullable=False),
    sa.Column("expires_at", Moment(), nullable=False, index=True),
    sa.Column("used_at", Moment()),
    sa.Column("created_at", Moment(), nullable=False),
    **MYSQL,
)

# --- flows: see domain/flow_run.py ----------------------------------------------------------

flow_runs = sa.Table(
    "flow_runs",
    metadata,
    uuid_column("id", primary_key=True),
    uuid_column("instance_uuid", index=True),
    sa.Column("flow", sa.String(32), nullable=False),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("before", sa.String(32), nullable=False),
    sa.Column("request_id", sa.String(64), nullable=False),
    sa.Column("owner", Name(), nullable=False, index=True),
    sa.Column("step", sa.String(32), nullable=False),
    sa.Column("undoing", sa.Boolean, nullable=False),
    sa.Column("stop", sa.Boolean, nullable=False),
    sa.Column("deadline", Moment(), nullable=False),
    sa.Column("context", LongText(), nullable=False),
    sa.Column("progress", LongText(), nullable=False),
    sa.Column("created_at", Moment(), nullable=False),
    **MYSQL,
)

# One row an incarnation of a conductor; a run whose owner is silent is taken over.
flow_owners = sa.Table(
    "flow_owners",
    metadata,
    sa.Column("owner", Name(), primary_key=True),
    sa.Column("heartbeat", Moment(), nullable=False),
    **MYSQL,
)

# --- shadows: where archived rows go ----------------------------------------------------------


def _shadow(table: sa.Table) -> sa.Table:
    """The same columns, without keys but the id: rows that were archived can be alike."""
    columns = [
        sa.Column(
            column.name,
            column.type,
            primary_key=column.primary_key,
            nullable=column.nullable,
            autoincrement=False,
        )
        for column in table.columns
    ]
    return sa.Table(f"shadow_{table.name}", metadata, *columns, **MYSQL)


# In the order in which they are archived: what belongs to a server goes before it.
ARCHIVED: Final = (
    instance_action_events,
    instance_actions,
    instance_faults,
    instances,
    compute_nodes,
    services,
)
SHADOWS: Final = {table.name: _shadow(table) for table in ARCHIVED}
