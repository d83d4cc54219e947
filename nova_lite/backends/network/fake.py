# SPDX-License-Identifier: Apache-2.0
"""A network service that only remembers: networks, ports, addresses; with faults on demand.

With [fake] state_path it remembers in files there, so that several conductors see the same.
Port ids and macs follow from the server's uuid, so what was half done before a crash is found
again and nothing is given twice.
"""

import ipaddress
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nova_lite.backends.network.user import mac_of
from nova_lite.base.context import RequestContext
from nova_lite.base.faults import Faults
from nova_lite.base.shelf import Shelf
from nova_lite.domain import errors
from nova_lite.domain.devices import FixedIp, NetworkWish, Vif
from nova_lite.domain.instance import Instance

_SPACE = uuid.UUID("0c4b9c5e-2f63-4a39-8f5a-7b1f5ad1a6b2")
NETWORK_ID = str(uuid.uuid5(_SPACE, "network"))
CIDR = "192.168.128.0/18"


class FakeNet(msgspec.Struct, frozen=True, kw_only=True):
    """project_id None: for everybody."""

    id: str
    name: str
    cidr: str
    project_id: str | None = None


class FakePort(msgspec.Struct, frozen=True, kw_only=True):
    """brought: it was there before the server, and stays."""

    id: str
    network_id: str
    mac: str
    address: str
    instance_uuid: str | None = None
    host: str | None = None
    tag: str | None = None
    brought: bool = False


class Ports(msgspec.Struct, frozen=True, kw_only=True):
    """The ports of a server, in order."""

    ports: list[str] = []


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Which port has an address."""

    port_id: str


class FakeNetwork:
    """The network port. `add_network` and `add_port` are for tests."""

    def __init__(self, conf: Any = None, faults: Faults | None = None) -> None:
        path = conf.fake.state_path if conf is not None else None
        folder = Path(path) / "network" if path else None
        named = conf.fake.faults_file if conf is not None else None
        self.faults = faults or Faults(Path(named) if named else None)
        self.networks: Shelf[FakeNet] = Shelf(FakeNet, folder and folder / "networks")
        self.ports: Shelf[FakePort] = Shelf(FakePort, folder and folder / "ports")
        self.servers: Shelf[Ports] = Shelf(Ports, folder and folder / "servers")
        self.addresses: Shelf[Holder] = Shelf(Holder, folder and folder / "addresses")
        self.networks.add(NETWORK_ID, FakeNet(id=NETWORK_ID, name="fake-net", cidr=CIDR))

    # --- for tests ------------------------------------------------------------------------

    def add_network(self, name: str, cidr: str, project_id: str | None = None) -> str:
        """Returns its id."""
        net = FakeNet(id=str(uuid.uuid4()), name=name, cidr=cidr, project_id=project_id)
        self.networks.put(net.id, net)
        return net.id

    def add_port(self, network_id: str) -> str:
        """A port that somebody made before; returns its id."""
        port_id = str(uuid.uuid4())
        net = self._network(network_id)
        self._keep(net, port_id, None, None, brought=True)
        return port_id

    # --- the port -------------------------------------------------------------------------

    def validate(
        self,
        context: RequestContext,
        wishes: str | list[NetworkWish] | None,
        count: int,
        security_groups: Sequence[str] = (),
    ) -> None:
        self._meet("validate")
        if isinstance(wishes, str) or not wishes:
            return
        for wish in wishes:
            if wish.port is not None:
                self._check_port(wish.port, count)
                continue
            net = self._visible(context, wish.uuid or "")
            if wish.fixed_ip is not None:
                self._check_address(net, wish.fixed_ip, count)

    def allocate(
        self,
        context: RequestContext,
        instance: Instance,
        wishes: str | list[NetworkWish] | None,
        security_groups: list[str],
    ) -> list[Vif]:
        self._meet("allocate", instance)
        known = self.servers.get(instance.uuid)
        if known is None:
            if wishes == "none":
                return []
            made = [
                self._port_for(context, instance, _port_id(instance, at), wish)
                for at, wish in enumerate(_list_of(wishes))
            ]
            known = Ports(ports=[port.id for port in made])
            self.servers.put(instance.uuid, known)
        return self._vifs(instance)

    def bind(self, context: RequestContext, instance: Instance, host: str) -> list[Vif]:
        self._meet("bind", instance)
        for port in self._of_server(instance):
            self.ports.put(port.id, msgspec.structs.replace(port, host=host))
        return self._vifs(instance)

    def unbind(self, context: RequestContext, instance: Instance) -> None:
        self._meet("unbind", instance)
        for port in self._of_server(instance):
            self.ports.put(port.id, msgspec.structs.replace(port, host=None))

    def wait_active(self, context: RequestContext, instance: Instance, timeout: float) -> bool:
        self._meet("wait_active", instance)
        return all(port.host for port in self._of_server(instance))

    def release(self, context: RequestContext, instance: Instance) -> None:
        self._meet("release", instance)
        for port in self._of_server(instance):
            self._free(port)
        self.servers.remove(instance.uuid)

    def add(
        self, context: RequestContext, instance: Instance, wish: NetworkWish, new_id: str
    ) -> Vif:
        self._meet("add", instance)
        port = self.ports.get(new_id)
        if port is None or port.instance_uuid != instance.uuid:
            port = self._port_for(context, instance, new_id, wish)
        known = self.servers.get(instance.uuid) or Ports()
        if port.id not in known.ports:
            self.servers.put(instance.uuid, Ports(ports=[*known.ports, port.id]))
        bound = msgspec.structs.replace(port, host=instance.host)
        self.ports.put(port.id, bound)
        return self._vif(bound)

    def remove(self, context: RequestContext, instance: Instance, port_id: str) -> None:
        self._meet("remove", instance)
        known = self.servers.get(instance.uuid) or Ports()
        port = self.ports.get(port_id)
        if port is not None and port.instance_uuid == instance.uuid:
            self._free(port)
        if port_id in known.ports:
            left = [other for other in known.ports if other != port_id]
            self.servers.put(instance.uuid, Ports(ports=left))

    # --- inside ---------------------------------------------------------------------------

    def _meet(self, call: str, instance: Instance | None = None) -> None:
        self.faults.meet(
            f"network.{call}",
            fail=lambda reason: errors.NetworkUnavailable(reason=reason),
            abort=lambda reason: errors.Invalid(f"The network service refuses: {reason}"),
            uuid=instance.uuid if instance else None,
        )

    def _network(self, network_id: str) -> FakeNet:
        net = self.networks.get(network_id) if network_id else None
        if net is None:
            raise errors.NetworkNotFound(network_id=network_id)
        return net

    def _visible(self, context: RequestContext, network_id: str) -> FakeNet:
        net = self._network(network_id)
        if net.project_id not in (None, context.project_id) and not context.is_admin:
            raise errors.NetworkNotFound(network_id=network_id)
        return net

    def _check_port(self, port_id: str, count: int) -> FakePort:
        port = self.ports.get(port_id)
        if port is None:
            raise errors.PortNotFound(port_id=port_id)
        if port.instance_uuid is not None or count > 1:
            raise errors.PortInUse(port_id=port_id)
        return port

    def _check_address(self, net: FakeNet, address: str, count: int) -> None:
        try:
            inside = ipaddress.ip_address(address) in ipaddress.ip_network(net.cidr)
        except ValueError:
            inside = False
        if not inside:
            raise errors.Invalid(f"Fixed IP address {address} is not in network {net.id}.")
        if count > 1 or self.addresses.get(_address_name(net.id, address)) is not None:
            raise errors.FixedIpInUse(address=address)

    def _free(self, port: FakePort) -> None:
        if port.brought:
            freed = msgspec.structs.replace(port, instance_uuid=None, host=None, tag=None)
            self.ports.put(port.id, freed)
        else:
            self.ports.remove(port.id)
            self.addresses.remove(_address_name(port.network_id, port.address))

    def _port_for(
        self, context: RequestContext, instance: Instance, new_id: str, wish: NetworkWish
    ) -> FakePort:
        if wish.port is not None:
            port = self.ports.get(wish.port)
            if port is None:
                raise errors.PortNotFound(port_id=wish.port)
            if port.instance_uuid not in (None, instance.uuid):
                raise errors.PortInUse(port_id=wish.port)
            taken = msgspec.structs.replace(port, instance_uuid=instance.uuid, tag=wish.tag)
            self.ports.put(port.id, taken)
            return taken
        net = self._visible(context, wish.uuid or NETWORK_ID)
        if wish.fixed_ip is not None and self.ports.get(new_id) is None:
            self._check_address(net, wish.fixed_ip, 1)
        return self._keep(net, new_id, instance.uuid, wish)

    def _keep(
        self,
        net: FakeNet,
        port_id: str,
        instance_uuid: str | None,
        wish: NetworkWish | None,
        *,
        brought: bool = False,
    ) -> FakePort:
        """Take an address and write the port."""
        port = FakePort(
            id=port_id,
            network_id=net.id,
            mac=mac_of(port_id),
            address=self._take_address(net, port_id, wish.fixed_ip if wish else None),
            instance_uuid=instance_uuid,
            tag=wish.tag if wish else None,
            brought=brought,
        )
        self.ports.put(port_id, port)
        return port

    def _take_address(self, net: FakeNet, port_id: str, wanted: str | None) -> str:
        for address in [wanted] if wanted else _in_turn(net.cidr, port_id):
            name = _address_name(net.id, address)
            holder = self.addresses.get(name)
            if holder is None and self.addresses.add(name, Holder(port_id=port_id)):
                return address
            if holder is not None and holder.port_id == port_id:
                return address
        if wanted:
            raise errors.FixedIpInUse(address=wanted)
        raise errors.NetworkUnavailable(reason=f"network {net.id} has no free address")

    def _of_server(self, instance: Instance) -> list[FakePort]:
        known = self.servers.get(instance.uuid)
        found = [self.ports.get(port_id) for port_id in (known.ports if known else [])]
        return [port for port in found if port is not None]

    def _vifs(self, instance: Instance) -> list[Vif]:
        return [self._vif(port) for port in self._of_server(instance)]

    def _vif(self, port: FakePort) -> Vif:
        net = self._network(port.network_id)
        subnet = str(uuid.uuid5(_SPACE, f"subnet {net.id}"))
        return Vif(
            port_id=port.id,
            network_id=net.id,
            mac=port.mac,
            label=net.name,
            fixed_ips=[FixedIp(address=port.address, subnet_id=subnet)],
            details={"host": port.host} if port.host else {},
            active=port.host is not None,
            tag=port.tag,
            preexisting=port.brought,
        )


def _list_of(wishes: str | list[NetworkWish] | None) -> list[NetworkWish]:
    return wishes if isinstance(wishes, list) and wishes else [NetworkWish(uuid=NETWORK_ID)]


def _port_id(instance: Instance, at: int) -> str:
    return str(uuid.uuid5(_SPACE, f"{instance.uuid}/{at}"))


def _address_name(network_id: str, address: str) -> str:
    return f"{network_id}.{address}"


def _in_turn(cidr: str, port_id: str) -> Iterator[str]:
    """The addresses for hosts, without the gateway, from a place that follows from the port."""
    net = ipaddress.ip_network(cidr)
    first, size = int(net.network_address) + 2, net.num_addresses - 3
    start = uuid.UUID(port_id).int
    for step in range(max(size, 0)):
        yield str(ipaddress.ip_address(first + (start + step) % size))
