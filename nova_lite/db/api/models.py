# SPDX-License-Identifier: Apache-2.0
"""The tables of the API database. A new column: here and in a new revision under alembic/."""

import sqlalchemy as sa

from nova_lite.db.columns import LongText, Moment, Name
from nova_lite.db.tables import MYSQL, NAMING, id_column, time_columns, uuid_column

metadata = sa.MetaData(naming_convention=NAMING)

# --- cells ----------------------------------------------------------------------------------

cell_mappings = sa.Table(
    "cell_mappings",
    metadata,
    id_column(),
    uuid_column(unique=True),
    sa.Column("name", Name()),
    sa.Column("transport_url", LongText(), nullable=False),
    sa.Column("database_connection", LongText(), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    *time_columns(),
    **MYSQL,
)

host_mappings = sa.Table(
    "host_mappings",
    metadata,
    id_column(),
    sa.Column("cell_id", sa.ForeignKey("cell_mappings.id"), nullable=False, index=True),
    sa.Column("host", Name(), nullable=False, unique=True),
    *time_columns(),
    **MYSQL,
)

instance_mappings = sa.Table(
    "instance_mappings",
    metadata,
    id_column(),
    uuid_column("instance_uuid", unique=True),
    sa.Column("cell_id", sa.ForeignKey("cell_mappings.id"), index=True),
    sa.Column("project_id", Name(), nullable=False),
    sa.Column("user_id", Name()),
    # What this server counts for; given back when it is queued for deletion.
    sa.Column("cores", sa.Integer, nullable=False),
    sa.Column("ram", sa.Integer, nullable=False),
    sa.Column("queued_for_delete", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at", Moment(), nullable=False, index=True),
    sa.Index(None, "project_id", "queued_for_delete"),
    **MYSQL,
)

request_specs = sa.Table(
    "request_specs",
    metadata,
    id_column(),
    uuid_column("instance_uuid", unique=True),
    sa.Column("spec", LongText(), nullable=False),
    *time_columns(),
    **MYSQL,
)

# --- flavors --------------------------------------------------------------------------------

flavors = sa.Table(
    "flavors",
    metadata,
    id_column(),
    sa.Column("flavorid", Name(), nullable=False, unique=True),
    sa.Column("name", Name(), nullable=False, unique=True),
    sa.Column("memory_mb", sa.Integer, nullable=False),
    sa.Column("vcpus", sa.Integer, nullable=False),
    sa.Column("root_gb", sa.Integer, nullable=False),
    sa.Column("ephemeral_gb", sa.Integer, nullable=False),
    sa.Column("swap", sa.Integer, nullable=False),
    sa.Column("rxtx_factor", sa.Double, nullable=False),
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("description", LongText()),
    *time_columns(),
    **MYSQL,
)

flavor_extra_specs = sa.Table(
    "flavor_extra_specs",
    metadata,
    id_column(),
    sa.Column("flavor_id", sa.ForeignKey("flavors.id", ondelete="CASCADE"), nullable=False),
    sa.Column("key", Name(), nullable=False),
    sa.Column("value", LongText(), nullable=False),
    *time_columns(),
    sa.UniqueConstraint("flavor_id", "key"),
    **MYSQL,
)

flavor_projects = sa.Table(
    "flavor_projects",
    metadata,
    id_column(),
    sa.Column("flavor_id", sa.ForeignKey("flavors.id", ondelete="CASCADE"), nullable=False),
    sa.Column("project_id", Name(), nullable=False),
    *time_columns(),
    sa.UniqueConstraint("flavor_id", "project_id"),
    **MYSQL,
)

# --- key pairs, server groups ---------------------------------------------------------------

key_pairs = sa.Table(
    "key_pairs",
    metadata,
    id_column(),
    sa.Column("user_id", Name(), nullable=False),
    sa.Column("name", Name(), nullable=False),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("fingerprint", Name(), nullable=False),
    sa.Column("public_key", LongText(), nullable=False),
    *time_columns(),
    sa.UniqueConstraint("user_id", "name"),
    **MYSQL,
)

instance_groups = sa.Table(
    "instance_groups",
    metadata,
    id_column(),
    uuid_column(unique=True),
    sa.Column("name", Name(), nullable=False),
    sa.Column("project_id", Name(), nullable=False, index=True),
    sa.Column("user_id", Name(), nullable=False),
    *time_columns(),
    **MYSQL,
)

instance_group_policy = sa.Table(
    "instance_group_policy",
    metadata,
    id_column(),
    sa.Column(
        "group_id",
        sa.ForeignKey("instance_groups.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    sa.Column("policy", sa.String(32), nullable=False),
    sa.Column("rules", LongText(), nullable=False),
    **MYSQL,
)

instance_group_member = sa.Table(
    "instance_group_member",
    metadata,
    id_column(),
    sa.Column("group_id", sa.ForeignKey("instance_groups.id", ondelete="CASCADE"), nullable=False),
    uuid_column("instance_uuid", index=True),
    sa.Column("created_at", Moment()),
    sa.UniqueConstraint("group_id", "instance_uuid"),
    **MYSQL,
)

# --- quota ----------------------------------------------------------------------------------

quotas = sa.Table(
    "quotas",
    metadata,
    id_column(),
    sa.Column("project_id", Name(), nullable=False),
    sa.Column("resource", sa.String(64), nullable=False),
    sa.Column("hard_limit", sa.Integer, nullable=False),
    *time_columns(),
    sa.UniqueConstraint("project_id", "resource"),
    **MYSQL,
)

project_user_quotas = sa.Table(
    "project_user_quotas",
    metadata,
    id_column(),
    sa.Column("project_id", Name(), nullable=False),
    sa.Column("user_id", Name(), nullable=False),
    sa.Column("resource", sa.String(64), nullable=False),
    sa.Column("hard_limit", sa.Integer, nullable=False),
    *time_columns(),
    sa.UniqueConstraint("project_id", "user_id", "resource"),
    **MYSQL,
)

quota_classes = sa.Table(
    "quota_classes",
    metadata,
    id_column(),
    sa.Column("class_name", Name(), nullable=False),
    sa.Column("resource", sa.String(64), nullable=False),
    sa.Column("hard_limit", sa.Integer, nullable=False),
    *time_columns(),
    sa.UniqueConstraint("class_name", "resource"),
    **MYSQL,
)

# One row a project, one column a counted resource: what a create needs is one UPDATE.
quota_usages = sa.Table(
    "quota_usages",
    metadata,
    id_column(),
    sa.Column("project_id", Name(), nullable=False, unique=True),
    sa.Column("instances", sa.Integer, nullable=False, server_default="0"),
    sa.Column("cores", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ram", sa.Integer, nullable=False, server_default="0"),
    sa.Column("updated_at", Moment()),
    **MYSQL,
)

# --- aggregates -----------------------------------------------------------------------------

aggregates = sa.Table(
    "aggregates",
    metadata,
    id_column(),
    uuid_column(unique=True),
    sa.Column("name", Name(), nullable=False, unique=True),
    *time_columns(),
    **MYSQL,
)

aggregate_hosts = sa.Table(
    "aggregate_hosts",
    metadata,
    id_column(),
    sa.Column("aggregate_id", sa.ForeignKey("aggregates.id"), nullable=False),
    sa.Column("host", Name(), nullable=False, index=True),
    *time_columns(),
    sa.UniqueConstraint("aggregate_id", "host"),
    **MYSQL,
)

aggregate_metadata = sa.Table(
    "aggregate_metadata",
    metadata,
    id_column(),
    sa.Column("aggregate_id", sa.ForeignKey("aggregates.id"), nullable=False),
    sa.Column("key", Name(), nullable=False, index=True),
    sa.Column("value", Name(), nullable=False),
    *time_columns(),
    sa.UniqueConstraint("aggregate_id", "key"),
    **MYSQL,
)

# --- what hosts have, and who took it -------------------------------------------------------

# One row a compute node. `generation` is the time of the last change that schedulers care for, in
# microseconds of the database's clock, so that it grows without a counter that all would write.
resource_providers = sa.Table(
    "resource_providers",
    metadata,
    id_column(),
    uuid_column(unique=True),
    sa.Column("host", Name(), nullable=False, index=True),
    sa.Column("node", Name(), nullable=False),
    uuid_column("cell"),
    sa.Column("generation", sa.BigInteger, nullable=False, index=True),
    sa.Column("facts", LongText(), nullable=False),
    sa.Column("instances", sa.Integer, nullable=False, server_default="0"),
    # What the host's service says, copied here so that one query tells all about a host.
    sa.Column("up", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("disabled", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("disabled_reason", sa.String(255)),
    sa.Column("removed", sa.Boolean, nullable=False, server_default=sa.false()),
    *time_columns(),
    **MYSQL,
)

inventories = sa.Table(
    "inventories",
    metadata,
    sa.Column("provider_id", sa.ForeignKey("resource_providers.id"), primary_key=True),
    sa.Column("resource_class", sa.String(128), primary_key=True),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("reserved", sa.BigInteger, nullable=False),
    sa.Column("allocation_ratio", sa.Double, nullable=False),
    sa.Column("min_unit", sa.BigInteger, nullable=False),
    sa.Column("max_unit", sa.BigInteger, nullable=False),
    sa.Column("step_size", sa.BigInteger, nullable=False),
    # (total - reserved) * allocation_ratio, worked out when it is reported: claims compare with it.
    sa.Column("capacity", sa.BigInteger, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False, server_default="0"),
    **MYSQL,
)

allocations = sa.Table(
    "allocations",
    metadata,
    id_column(),
    uuid_column("consumer_uuid"),
    sa.Column("resource_class", sa.String(128), nullable=False),
    sa.Column("provider_id", sa.ForeignKey("resource_providers.id"), nullable=False, index=True),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("created_at", Moment(), nullable=False),
    sa.UniqueConstraint("consumer_uuid", "resource_class"),
    **MYSQL,
)

# --- the built-in network -------------------------------------------------------------------

# Each row keeps the whole resource as a document; columns are what is looked for. Whoever changes
# one of them changes the one row of network_state first, so changes come one after the other.
network_state = sa.Table(
    "network_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("generation", sa.BigInteger, nullable=False),
    **MYSQL,
)


def _resources(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        id_column(),
        uuid_column(unique=True),
        sa.Column("project_id", Name(), nullable=False, index=True),
        sa.Column("document", LongText(), nullable=False),
        *columns,
        **MYSQL,
    )


networks = _resources(
    "networks",
    sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("external", sa.Boolean, nullable=False, server_default=sa.false()),
)

subnets = _resources("subnets", uuid_column("network_id", index=True))

ports = _resources(
    "ports",
    uuid_column("network_id", index=True),
    sa.Column("mac", sa.String(17), nullable=False),
    sa.Column("device_id", Name(), nullable=False, index=True),
    sa.Column("host", Name(), index=True),
    sa.UniqueConstraint("network_id", "mac"),
)

floating_ips = _resources(
    "floating_ips",
    uuid_column("network_id", index=True),
    sa.Column("port_id", sa.String(36), index=True),
    sa.Column("fixed_address", sa.String(45)),
    sa.UniqueConstraint("port_id", "fixed_address"),
)

security_groups = _resources(
    "security_groups",
    # the project, in its default group alone: so there is one
    sa.Column("default_of", Name(), unique=True),
)

security_group_rules = _resources(
    "security_group_rules",
    uuid_column("group_id", index=True),
    sa.Column("remote_group", sa.String(36), index=True),
)

# What is given away: to a port, or as a floating address (owner_id is its id).
network_addresses = sa.Table(
    "network_addresses",
    metadata,
    id_column(),
    uuid_column("subnet_id"),
    sa.Column("address", sa.String(45), nullable=False),
    uuid_column("owner_id", index=True),
    sa.UniqueConstraint("subnet_id", "address"),
    **MYSQL,
)

port_security_groups = sa.Table(
    "port_security_groups",
    metadata,
    sa.Column("port_uuid", sa.String(36), primary_key=True),
    sa.Column("group_id", sa.String(36), primary_key=True, index=True),
    **MYSQL,
)

# Hosts whose network daemon has asked, and where tunnels to them end.
network_hosts = sa.Table(
    "network_hosts",
    metadata,
    id_column(),
    sa.Column("host", Name(), nullable=False, unique=True),
    sa.Column("tunnel_address", sa.String(255), nullable=False),
    # names in JSON; unset: the host has not said
    sa.Column("physical_networks", sa.Text()),
    *time_columns(),
    **MYSQL,
)
