# SPDX-License-Identifier: Apache-2.0
"""Run by alembic."""

from nova_lite.db.api.models import metadata
from nova_lite.db.revisions import run_environment

run_environment(metadata)
