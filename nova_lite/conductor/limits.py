# SPDX-License-Identifier: Apache-2.0
"""Which limits count for a project: the options, over them the default class, then its own."""

from typing import Any, Final

from nova_lite.db.api import quotas
from nova_lite.db.engine import Tx
from nova_lite.domain import quota

NOBODY_COUNTS: Final = "nova.quota.NoopQuotaDriver"
# The names that differ between the API and the options.
_OPTIONS: Final = {"injected_file_path_bytes": "injected_file_path_length"}


def counted(conf: Any) -> bool:
    """False when quota is switched off by option."""
    return bool(conf.quota.driver != NOBODY_COUNTS)


def of_options(conf: Any) -> dict[str, int]:
    """Every name of quota.NAMES with the limit of [quota], -1 when nobody counts."""
    if not counted(conf):
        return dict.fromkeys(quota.NAMES, quota.UNLIMITED)
    return {name: conf.quota[_OPTIONS.get(name, name)] for name in quota.NAMES}


def of_project(
    tx: Tx, conf: Any, project_id: str, user_id: str | None = None
) -> tuple[dict[str, int], dict[str, int]]:
    """(limits of the project: every name, what was set for the user in it); one query."""
    options = of_options(conf)
    if not counted(conf):
        return options, {}
    return quotas.limits(tx, project_id, user_id, options)
