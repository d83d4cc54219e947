# SPDX-License-Identifier: Apache-2.0
"""No networks: servers have no interfaces."""

from collections.abc import Sequence
from typing import Any

from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.instance import Instance

REASON = "this cloud has no network service ([network] backend is none)"


class NoNetwork:
    """The network port, where there is none."""

    def __init__(self, conf: Any = None) -> None:
        """`conf` is not looked at."""

    def validate(
        self,
        context: RequestContext,
        wishes: str | list[NetworkWish] | None,
        count: int,
        security_groups: Sequence[str] = (),
    ) -> None:
        if isinstance(wishes, str) or not wishes:
            return
        for wish in wishes:
            if wish.port is not None:
                raise errors.PortNotFound(
                    f"Port {wish.port} could not be found: {REASON}.", port_id=wish.port
                )
            raise errors.NetworkNotFound(
                f"Network {wish.uuid} could not be found: {REASON}.", network_id=wish.uuid
            )

    def allocate(
        self,
        context: RequestContext,
        instance: Instance,
        wishes: str | list[NetworkWish] | None,
        security_groups: list[str],
    ) -> list[Vif]:
        return []

    def bind(self, context: RequestContext, instance: Instance, host: str) -> list[Vif]:
        return []

    def unbind(self, context: RequestContext, instance: Instance) -> None:
        """No host knows of it."""

    def wait_active(self, context: RequestContext, instance: Instance, timeout: float) -> bool:
        return True

    def release(self, context: RequestContext, instance: Instance) -> None:
        """There is nothing to give back."""

    def add(
        self, context: RequestContext, instance: Instance, wish: NetworkWish, new_id: str
    ) -> Vif:
        self.validate(context, [wish], 1)
        raise errors.NetworkUnavailable(reason=REASON)

    def remove(self, context: RequestContext, instance: Instance, port_id: str) -> None:
        """There is nothing to give back."""
