# SPDX-License-Identifier: Apache-2.0
"""Telling hosts that rows which concern them have changed."""

import logging
from collections.abc import Iterable, Sequence

from nova_lite.base.context import RequestContext, service_context
from nova_lite.db.api import network_rows
from nova_lite.db.databases import Databases
from nova_lite.domain import errors
from nova_lite.rpc.clients import Clients

LOG = logging.getLogger(__name__)


class Wake:
    def __init__(self, databases: Databases, clients: Clients) -> None:
        self._databases = databases
        self._clients = clients

    def hosts(self, networks: Iterable[str], also: Iterable[str] = ()) -> None:
        """Hosts with ports of these networks, and `also`. One that does not hear it looks by
        itself before long."""
        wanted = set(networks)
        if not wanted and not also:
            return
        with self._databases.read_api() as tx:
            known = network_rows.tunnels(tx)
            concerned = network_rows.hosts_of(tx, wanted) | set(also)
        for host in sorted(concerned & known.keys()):
            try:
                self._clients.network(host).refresh(service_context())
            except errors.Unavailable as error:
                LOG.warning("The network of host %s was not told: %s", host, error.message)

    def ensure(
        self, context: RequestContext, host: str, networks: Sequence[str], ports: Sequence[str]
    ) -> None:
        """Until the host has made them. Raises HostNetworkUnavailable, NetworkNotOnHost."""
        with self._databases.read_api() as tx:
            if host not in network_rows.tunnels(tx):
                raise errors.HostNetworkUnavailable(
                    reason=f"nova-lite-network has never reported from host {host}"
                )
        try:
            self._clients.network(host).ensure(
                context, network_ids=list(networks), port_ids=list(ports)
            )
        except (errors.RpcTimeout, errors.RpcTooLate, errors.RpcUnreachable) as error:
            raise errors.HostNetworkUnavailable(
                reason=f"nova-lite-network on host {host} does not answer"
            ) from error
