# SPDX-License-Identifier: Apache-2.0
"""One interface for each server, behind the hypervisor's own user-mode NAT.

Nothing is kept: all there is to know of an interface follows from the server's uuid. Every
guest sees the same little network of its own (10.0.2.0/24, gateway 10.0.2.2).
"""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.devices import FixedIp, NetworkWish, Vif
from nova_lite.domain.instance import Instance

LABEL = "user"
ADDRESS = "10.0.2.15"
_SPACE = uuid.UUID("6f1f2b0c-5d0e-4d5b-9c7e-0a5f0f4c7a10")
NETWORK_ID = str(uuid.uuid5(_SPACE, "network"))
SUBNET_ID = str(uuid.uuid5(_SPACE, "subnet"))


class UserNetwork:
    """The network port over QEMU's user-mode stack."""

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
                    f"Port {wish.port} could not be found: there are no ports to choose from.",
                    port_id=wish.port,
                )
            if wish.uuid != NETWORK_ID:
                raise errors.NetworkNotFound(network_id=wish.uuid)
            if wish.fixed_ip not in (None, ADDRESS):
                raise errors.Invalid(
                    f"Fixed IP address {wish.fixed_ip} cannot be given: every server has {ADDRESS}."
                )
        if len(wishes) > 1:
            raise errors.Invalid("A server can have one interface only.")

    def allocate(
        self,
        context: RequestContext,
        instance: Instance,
        wishes: str | list[NetworkWish] | None,
        security_groups: list[str],
    ) -> list[Vif]:
        if wishes == "none":
            return []
        tag = wishes[0].tag if isinstance(wishes, list) and wishes else None
        return [interface_of(instance.uuid, tag)]

    def bind(self, context: RequestContext, instance: Instance, host: str) -> list[Vif]:
        """The interfaces that the server has: they are plugged the same way everywhere."""
        return list(instance.vifs)

    def unbind(self, context: RequestContext, instance: Instance) -> None:
        """No host knows of it."""

    def wait_active(self, context: RequestContext, instance: Instance, timeout: float) -> bool:
        return True

    def release(self, context: RequestContext, instance: Instance) -> None:
        """There is nothing to give back."""

    def add(
        self, context: RequestContext, instance: Instance, wish: NetworkWish, new_id: str
    ) -> Vif:
        """The one interface that a server can have, for one that was made without it."""
        if wish.uuid is not None or wish.port is not None:
            self.validate(context, [wish], 1)
        if instance.vifs:
            raise errors.Invalid("A server can have one interface only.")
        return interface_of(instance.uuid, wish.tag)

    def remove(self, context: RequestContext, instance: Instance, port_id: str) -> None:
        """There is nothing to give back."""


def interface_of(instance_uuid: str, tag: str | None = None) -> Vif:
    """The interface of a server; always the same."""
    return Vif(
        port_id=str(uuid.uuid5(_SPACE, instance_uuid)),
        network_id=NETWORK_ID,
        mac=mac_of(instance_uuid),
        label=LABEL,
        vif_type="user",
        fixed_ips=[FixedIp(address=ADDRESS, subnet_id=SUBNET_ID)],
        tag=tag,
    )


def mac_of(name: str) -> str:
    """fa:16:3e and three bytes that follow from `name`."""
    digest = hashlib.sha256(name.encode()).digest()
    return "fa:16:3e:{:02x}:{:02x}:{:02x}".format(*digest[:3])
