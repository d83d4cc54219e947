# SPDX-License-Identifier: Apache-2.0
"""Quota of projects, of users in them, and of the default class."""

from typing import Final

from nova_lite.base.context import RequestContext
from nova_lite.conductor import limits as limit_sources
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.network import usage as network_usage
from nova_lite.conductor.network.servers import LocalNetwork
from nova_lite.db.api import groups, keypairs, quotas
from nova_lite.db.engine import Tx
from nova_lite.domain import errors, quota
from nova_lite.domain.quota import QuotaItem, QuotaSet

LARGEST: Final = 2147483647


class QuotaHandlers:
    def __init__(self, deps: Deps) -> None:
        self._conf = deps.conf
        self._has_networks = isinstance(deps.network, LocalNetwork)
        self._databases = deps.databases

    def get_quota(
        self, context: RequestContext, *, project_id: str, user_id: str | None = None
    ) -> QuotaSet:
        _check_project(context, project_id)
        with self._databases.read_api() as tx:
            return self._quota_set(tx, project_id, user_id)

    def _quota_set(self, tx: Tx, project_id: str, user_id: str | None) -> QuotaSet:
        project, user = limit_sources.of_project(tx, self._conf, project_id, user_id)
        used = quotas.usage(tx, project_id, user_id)
        used["server_groups"] = groups.count(tx, project_id, user_id)
        if user_id is not None:
            used["key_pairs"] = keypairs.count(tx, user_id)
        own = {**project, **user}
        items = {name: QuotaItem(limit=own[name], in_use=used.get(name, 0)) for name in quota.NAMES}
        if self._has_networks:
            items |= network_usage.for_compute(tx, self._conf, project_id)
        return QuotaSet(project_id=project_id, items=items)

    def get_quota_defaults(self, context: RequestContext) -> dict[str, int]:
        return self.get_quota_class(context, name=quotas.DEFAULT_CLASS)

    def set_quota(
        self,
        context: RequestContext,
        *,
        project_id: str,
        user_id: str | None,
        limits: dict[str, int],
        force: bool = False,
    ) -> QuotaSet:
        _check_project(context, project_id)
        _check_names(limits)

        def write(tx: Tx) -> QuotaSet:
            if not force:
                has = self._quota_set(tx, project_id, user_id)
                most = None if user_id is None else self._quota_set(tx, project_id, None)
                for name, limit in limits.items():
                    _check_not_below_use(name, limit, has.items[name])
                    if most is not None:
                        _check_not_above_project(name, limit, most.items[name])
            quotas.set_limits(tx, project_id, user_id, limits)
            return self._quota_set(tx, project_id, user_id)

        return self._databases.run_api(write, idempotent=True)

    def delete_quota(
        self, context: RequestContext, *, project_id: str, user_id: str | None = None
    ) -> None:
        _check_project(context, project_id)
        self._databases.run_api(
            lambda tx: quotas.delete_limits(tx, project_id, user_id), idempotent=True
        )

    def get_quota_class(self, context: RequestContext, *, name: str) -> dict[str, int]:
        found = limit_sources.of_options(self._conf)
        if limit_sources.counted(self._conf):
            with self._databases.read_api() as tx:
                found = quotas.class_limits(tx, name, found)
        own = network_usage.limits_for_compute(self._conf) if self._has_networks else {}
        return {known: found[known] for known in quota.NAMES} | own

    def set_quota_class(
        self, context: RequestContext, *, name: str, limits: dict[str, int]
    ) -> dict[str, int]:
        _check_names(limits)
        self._databases.run_api(
            lambda tx: quotas.set_class_limits(tx, name, limits), idempotent=True
        )
        return self.get_quota_class(context, name=name)


def _check_project(context: RequestContext, project_id: str) -> None:
    if not context.is_admin and context.project_id != project_id:
        raise errors.Forbidden()


def _check_names(limits: dict[str, int]) -> None:
    """Raises QuotaInvalid for an unknown name or a limit that is none."""
    unknown = sorted(set(limits) - set(quota.NAMES))
    if unknown:
        raise errors.QuotaInvalid(reason=f"Bad key(s) {', '.join(unknown)} in quota set.")
    for name, limit in limits.items():
        if not quota.UNLIMITED <= limit <= LARGEST:
            raise errors.QuotaInvalid(
                reason=f"Quota limit {limit} for {name} must be in the range of -1 and {LARGEST}."
            )


def _check_not_below_use(name: str, limit: int, item: QuotaItem) -> None:
    least = item.in_use + item.reserved
    if limit != quota.UNLIMITED and limit < least:
        raise errors.QuotaInvalid(
            reason=f"Quota limit {limit} for {name} must be greater than or equal to already "
            f"used and reserved {least}."
        )


def _check_not_above_project(name: str, limit: int, project: QuotaItem) -> None:
    most = project.limit
    if most != quota.UNLIMITED and (limit == quota.UNLIMITED or limit > most):
        raise errors.QuotaInvalid(
            reason=f"Quota limit {limit} for {name} must be less than or equal to {most}."
        )
