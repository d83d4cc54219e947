# SPDX-License-Identifier: Apache-2.0
"""Images put into the cache of the hosts of an aggregate, before servers need them.

It is a wish, not an operation that is recorded: what a host could not do is in the log, and so
is what was lost because the conductor ended. Whoever asks again loses nothing.
"""

import logging

from nova_lite.base import concurrency
from nova_lite.base.context import RequestContext, bound
from nova_lite.conductor import host_status
from nova_lite.conductor.deps import Deps
from nova_lite.conductor.host_cells import HostCells
from nova_lite.db.api import aggregates
from nova_lite.domain import errors
from nova_lite.domain.aggregate import find

LOG = logging.getLogger(__name__)


class PrecacheHandlers:
    def __init__(self, deps: Deps, hosts: HostCells) -> None:
        self._deps = deps
        self._hosts = hosts
        self._pool = concurrency.Pool(deps.conf.image_cache.precache_concurrency, name="precache")

    def cache_images(
        self, context: RequestContext, *, aggregate_id: int, image_ids: list[str]
    ) -> None:
        with self._deps.databases.read_api() as tx:
            hosts = find(aggregates.list_aggregates(tx), aggregate_id).hosts
        for image_id in image_ids:
            if self._deps.image.get(context, image_id).status != "active":
                raise errors.ImageNotActive(image_id=image_id)
        for host in hosts:
            self._pool.submit(bound(self._have), context, host, image_ids)

    def _have(self, context: RequestContext, host: str, image_ids: list[str]) -> None:
        """One image after the other; a host that is away is not asked for the rest."""
        for image_id in image_ids:
            try:
                if not self._is_up(host):
                    LOG.warning("Host %s is down and gets no images", host)
                    return
                self._deps.clients.compute(host).cache_image(context, image_id=image_id)
                LOG.info("Host %s has image %s", host, image_id)
            except errors.NovaLiteError as error:
                LOG.warning("Host %s has no image %s: %s", host, image_id, error.message)
            except Exception:
                LOG.exception("Host %s has no image %s", host, image_id)

    def _is_up(self, host: str) -> bool:
        cell = self._hosts.find(host)
        if cell is None:
            return False
        with self._deps.databases.read_cell(cell) as tx:
            return host_status.is_up(tx, self._deps.conf, host)
