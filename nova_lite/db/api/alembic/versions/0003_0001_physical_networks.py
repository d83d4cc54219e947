# SPDX-License-Identifier: Apache-2.0
"""The physical networks that hosts know."""

import sqlalchemy as sa
from alembic import op

revision = "0003_0001_physical_networks"
down_revision = "0002_0001_network"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("network_hosts", sa.Column("physical_networks", sa.Text(), nullable=True))
