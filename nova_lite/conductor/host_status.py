# SPDX-License-Identifier: Apache-2.0
"""What is known of compute hosts when somebody asks for something of a server on them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from nova_lite.base import clock
from nova_lite.db.cell import services
from nova_lite.db.engine import Tx
from nova_lite.domain.host import Service

UP, DOWN, MAINTENANCE, UNKNOWN = "UP", "DOWN", "MAINTENANCE", "UNKNOWN"
FEW: Final = 3  # hosts that are asked for one by one


class EverythingUp(dict[str, str]):
    """host -> status, where a host that is not mentioned is up."""

    def get(self, host: str, default: Any = None) -> str:
        return super().get(host, UP)


def alive_since(conf: Any) -> datetime:
    """From when on a heartbeat counts."""
    return clock.now() - timedelta(seconds=conf.service_down_time)


def word(service: Service | None) -> str:
    """`host_status` of the servers on a host."""
    if service is None:
        return UNKNOWN
    if service.forced_down:
        return DOWN
    if service.disabled:
        return MAINTENANCE
    return UP if service.up else UNKNOWN


def of(tx: Tx, conf: Any, hosts: Sequence[str]) -> Mapping[str, str]:
    """host -> UP, DOWN, MAINTENANCE or UNKNOWN."""
    wanted = set(hosts)
    if not wanted:
        return {}
    since = alive_since(conf)
    if len(wanted) <= FEW:
        found = {host: services.find(tx, host, services.COMPUTE, since) for host in wanted}
        return {host: word(service) for host, service in found.items()}
    return EverythingUp({s.host: word(s) for s in services.not_plain(tx, since)})


def is_up(tx: Tx, conf: Any, host: str) -> bool:
    """The compute service of the host reports, and was not forced down."""
    found = services.find(tx, host, services.COMPUTE, alive_since(conf))
    return found is not None and found.up
