# SPDX-License-Identifier: Apache-2.0
"""The rows of the built-in network: what may be written, by whom, and what hosts are told."""

from typing import Any

import msgspec
import pytest

from nova_lite.base import concurrency
from nova_lite.conductor.cells import Cells
from nova_lite.conductor.handlers.network import NetworkHandlers
from nova_lite.conductor.network.ports import MOST_ADDRESSES
from nova_lite.conductor.network.servers import LocalNetwork
from nova_lite.db.api import network_rows
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.errors_network import (
    NetworkConflict,
    NetworkForbidden,
    NetworkInvalid,
    NetworkResourceNotFound,
)
from nova_lite.domain.instance import Instance
from nova_lite.domain.network import Direction, HostNetworks, Port
from nova_lite.domain.network_query import STRUCTS, NetworkKind, NetworkQuery
from tests.fixtures.servers import make_instance

K = NetworkKind


class Desk:
    """The handlers as one project uses them, with values instead of text."""

    def __init__(self, handlers: NetworkHandlers, context: Any) -> None:
        self.handlers = handlers
        self.context = context

    def create(self, kind: NetworkKind, **values: Any) -> Any:
        text = self.handlers.create_network_resource(self.context, kind=kind, values=values)
        return msgspec.json.decode(text, type=STRUCTS[kind])

    def update(self, kind: NetworkKind, uuid: str, **values: Any) -> Any:
        text = self.handlers.update_network_resource(
            self.context, kind=kind, resource_id=uuid, values=values
        )
        return msgspec.json.decode(text, type=STRUCTS[kind])

    def delete(self, kind: NetworkKind, uuid: str) -> None:
        self.handlers.delete_network_resource(self.context, kind=kind, resource_id=uuid)

    def list(self, kind: NetworkKind, **query: Any) -> Any:
        asked = NetworkQuery(kind=kind, **query)
        text = self.handlers.list_network_resources(self.context, query=asked)
        return msgspec.json.decode(text, type=list[STRUCTS[kind]])  # type: ignore[misc]

    def net(self, cidr: str = "10.1.0.0/24", **values: Any) -> Any:
        """A network with one subnet."""
        made = self.create(K.NETWORK, name="net", **values)
        self.create(K.SUBNET, network_id=made.id, cidr=cidr)
        return made


@pytest.fixture
def local(deps: Any) -> LocalNetwork:
    deps.conf.set_override("wait_for_host", False, "network")
    made = LocalNetwork(deps.conf)
    made.connect(deps.databases, deps.clients)
    return made


@pytest.fixture
def handlers(deps: Any, local: LocalNetwork) -> NetworkHandlers:
    return NetworkHandlers(deps, Cells(deps))


@pytest.fixture
def mine(handlers: NetworkHandlers, alice: Any) -> Desk:
    return Desk(handlers, alice)


@pytest.fixture
def theirs(handlers: NetworkHandlers, bob: Any) -> Desk:
    return Desk(handlers, bob)


@pytest.fixture
def boss(handlers: NetworkHandlers, admin: Any) -> Desk:
    return Desk(handlers, admin)


def boot(
    local: LocalNetwork, desk: Desk, network: str, host: str = "h1", **wish: Any
) -> tuple[Instance, Vif]:
    """A server's ports, bound."""
    instance = make_instance(project_id=desk.context.project_id, hostname="web")
    wishes = [NetworkWish(uuid=None if wish.get("port") else network, **wish)]
    given = local.allocate(desk.context, instance, wishes, ["default"])
    instance = msgspec.structs.replace(instance, vifs=given, host=host)
    (vif,) = local.bind(desk.context, instance, host)
    return instance, vif


# --- resources --------------------------------------------------------------------------------


def test_a_network_is_on_a_vni_of_its_own(mine: Desk) -> None:
    one, two = mine.create(K.NETWORK, name="one"), mine.create(K.NETWORK, name="two")
    assert (one.segment, two.segment, one.mtu) == (1, 2, 1450)
    assert [each.name for each in mine.list(K.NETWORK)] == ["one", "two"]
    again = mine.update(K.NETWORK, one.id, name="uno")
    assert (again.name, again.segment, again.revision) == ("uno", 1, 1)
    mine.delete(K.NETWORK, one.id)
    assert [each.name for each in mine.list(K.NETWORK)] == ["two"]
    assert mine.create(K.NETWORK, name="three").segment == 1


def test_projects_do_not_see_each_other(mine: Desk, theirs: Desk, boss: Desk) -> None:
    made = mine.net()
    assert theirs.list(K.NETWORK) == [] and theirs.list(K.SUBNET) == []
    for call in (theirs.delete, theirs.update):
        with pytest.raises(NetworkResourceNotFound):
            call(K.NETWORK, made.id)
    with pytest.raises(NetworkResourceNotFound):
        theirs.create(K.PORT, network_id=made.id)
    assert [each.id for each in boss.list(K.NETWORK)] == [made.id]


def test_a_shared_network_is_used_and_not_changed_by_others(mine: Desk, theirs: Desk) -> None:
    made = mine.net(shared=True)
    assert [each.id for each in theirs.list(K.NETWORK)] == [made.id]
    assert len(theirs.list(K.SUBNET)) == 1
    port = theirs.create(K.PORT, network_id=made.id)
    assert port.project_id == theirs.context.project_id
    assert mine.list(K.PORT) == []
    with pytest.raises(NetworkForbidden):
        theirs.update(K.NETWORK, made.id, name="stolen")
    with pytest.raises(NetworkConflict):
        mine.update(K.NETWORK, made.id, shared=False)


@pytest.mark.parametrize(
    "values",
    [
        {"cidr": "10.2.0.0/33"},
        {"cidr": "nonsense"},
        {"cidr": "10.2.0.1/24"},
        {"cidr": "10.1.0.128/25"},
        {"cidr": "10.2.0.0/24", "version": 6},
        {"cidr": "10.2.0.0/24", "gateway": "10.3.0.1"},
        {"cidr": "10.2.0.0/24", "gateway": "10.2.0.255"},
        {"cidr": "10.2.0.0/24", "pools": [{"start": "10.2.0.9", "end": "10.2.0.2"}]},
        {"cidr": "10.2.0.0/24", "pools": [{"start": "10.2.0.1", "end": "10.2.0.9"}]},
        {"cidr": "10.2.0.0/24", "dns": ["nobody"]},
        {"cidr": "10.2.0.0/24", "routes": [{"destination": "x", "nexthop": "10.2.0.1"}]},
        {"cidr": "10.2.0.0/24", "nonsense": 1},
    ],
)
def test_a_subnet_that_makes_no_sense_is_refused(mine: Desk, values: dict[str, Any]) -> None:
    network = mine.net("10.1.0.0/24")
    with pytest.raises(NetworkInvalid):
        mine.create(K.SUBNET, network_id=network.id, **values)
    assert len(mine.list(K.SUBNET)) == 1


def test_what_is_used_stays(mine: Desk) -> None:
    network = mine.net()
    (subnet,) = mine.list(K.SUBNET)
    port = mine.create(K.PORT, network_id=network.id)
    for kind, uuid in ((K.NETWORK, network.id), (K.SUBNET, subnet.id)):
        with pytest.raises(NetworkConflict):
            mine.delete(kind, uuid)
    mine.delete(K.PORT, port.id)
    mine.delete(K.NETWORK, network.id)
    assert mine.list(K.SUBNET) == []


def test_an_address_is_given_once_and_comes_back(mine: Desk) -> None:
    network = mine.net("10.1.0.0/29")
    ports = [mine.create(K.PORT, network_id=network.id) for _ in range(5)]
    addresses = {port.addresses[0].address for port in ports}
    assert addresses == {f"10.1.0.{n}" for n in range(2, 7)}
    with pytest.raises(NetworkConflict) as refused:
        mine.create(K.PORT, network_id=network.id)
    assert refused.value.values["type"] == "IpAddressGenerationFailure"
    freed = ports[2].addresses[0].address
    mine.delete(K.PORT, ports[2].id)
    assert mine.create(K.PORT, network_id=network.id).addresses[0].address == freed


@pytest.mark.parametrize("wish", ["10.1.0.1", "10.1.0.9", "10.9.0.1", "10.1.0.255", "word"])
def test_an_address_that_cannot_be_given(mine: Desk, wish: str) -> None:
    network = mine.net()
    mine.create(K.PORT, network_id=network.id, addresses=[{"address": "10.1.0.9"}])
    with pytest.raises((NetworkConflict, NetworkInvalid)):
        mine.create(K.PORT, network_id=network.id, addresses=[{"address": wish}])


def test_allocation_is_exact_when_many_ask_at_once(mine: Desk) -> None:
    network = mine.net("10.1.0.0/28")

    def one() -> str | None:
        try:
            found = mine.create(K.PORT, network_id=network.id)
        except NetworkConflict:
            return None
        return str(found.addresses[0].address)

    threads = [concurrency.spawn(one) for _ in range(20)]
    found = [thread.wait() for thread in threads]
    given = [each for each in found if each is not None]
    assert len(given) == len(set(given)) == 13


def test_a_port_changes(mine: Desk) -> None:
    network = mine.net()
    port = mine.create(K.PORT, network_id=network.id, mac="FA:16:3E:00:00:01")
    assert port.mac == "fa:16:3e:00:00:01"
    with pytest.raises(NetworkConflict):
        mine.create(K.PORT, network_id=network.id, mac="fa:16:3e:00:00:01")
    kept = {"address": port.addresses[0].address}
    more = mine.update(K.PORT, port.id, name="web", addresses=[kept, {"address": "10.1.0.77"}])
    assert [each.address for each in more.addresses] == [kept["address"], "10.1.0.77"]
    less = mine.update(K.PORT, port.id, addresses=[{"address": "10.1.0.77"}])
    assert [each.address for each in less.addresses] == ["10.1.0.77"]
    again = mine.create(K.PORT, network_id=network.id, addresses=[kept])
    assert again.addresses[0].address == kept["address"]
    (subnet,) = mine.list(K.SUBNET)
    here = {"subnet_id": subnet.id}
    same = mine.update(K.PORT, port.id, addresses=[here])
    assert same.addresses == less.addresses, "it has one there already"
    two = mine.update(K.PORT, port.id, addresses=[here, {"address": "10.1.0.77"}])
    assert len(two.addresses) == 2 and less.addresses[0] in two.addresses
    with pytest.raises(NetworkInvalid):
        mine.update(K.PORT, port.id, addresses=[here] * (MOST_ADDRESSES + 1))
    assert mine.list(K.PORT, filters={"id": [port.id]})[0].addresses == two.addresses
    assert len(mine.update(K.PORT, port.id, addresses=[here]).addresses) == 1
    open_port = mine.update(K.PORT, port.id, security_groups=[], port_security=False)
    assert open_port.security_groups == []


def test_each_project_has_a_default_group(mine: Desk, theirs: Desk) -> None:
    (group,) = mine.list(K.SECURITY_GROUP)
    assert group.name == "default" and len(group.rules) == 4
    assert {rule.direction for rule in group.rules if rule.remote_group} == {Direction.INGRESS}
    assert mine.list(K.SECURITY_GROUP) == [group]
    assert theirs.list(K.SECURITY_GROUP)[0].id != group.id
    with pytest.raises(NetworkConflict):
        mine.delete(K.SECURITY_GROUP, group.id)
    with pytest.raises(NetworkConflict):
        mine.update(K.SECURITY_GROUP, group.id, name="other")
    with pytest.raises(NetworkConflict):
        mine.create(K.SECURITY_GROUP, name="default")


@pytest.mark.parametrize(
    "values",
    [
        {"protocol": "nonsense"},
        {"protocol": "256"},
        {"port_min": 1, "port_max": 2},
        {"protocol": "tcp", "port_min": 2, "port_max": 1},
        {"protocol": "tcp", "port_min": 1},
        {"protocol": "tcp", "port_min": 0, "port_max": 65536},
        {"protocol": "icmp", "port_min": 256},
        {"protocol": "icmp", "port_max": 1},
        {"protocol": "icmpv6"},
        {"remote_cidr": "fe80::/10"},
        {"remote_cidr": "nonsense"},
        {"version": 5},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(mine: Desk, values: dict[str, Any]) -> None:
    group = mine.create(K.SECURITY_GROUP, name="web")
    with pytest.raises(NetworkInvalid):
        mine.create(K.SECURITY_GROUP_RULE, group_id=group.id, direction="ingress", **values)


def test_rules_come_once_and_go_with_the_group_they_name(mine: Desk) -> None:
    web, db = (mine.create(K.SECURITY_GROUP, name=name) for name in ("web", "db"))
    rule = {"group_id": db.id, "direction": "ingress", "protocol": "TCP", "remote_group": web.id}
    made = mine.create(K.SECURITY_GROUP_RULE, **rule, port_min=5432, port_max=5432)
    assert made.protocol == "tcp"
    with pytest.raises(NetworkConflict):
        mine.create(K.SECURITY_GROUP_RULE, **rule, port_min=5432, port_max=5432)
    mine.delete(K.SECURITY_GROUP, web.id)
    found = mine.list(K.SECURITY_GROUP_RULE, filters={"group_id": [db.id]})
    assert {each.direction for each in found} == {Direction.EGRESS}


def test_lists_are_filtered_sorted_and_paged(mine: Desk) -> None:
    network = mine.net()
    made = [mine.create(K.PORT, network_id=network.id, name=f"p{n}") for n in (3, 1, 2)]
    by_name = mine.list(K.PORT, sort=[("name", True)])
    assert [each.name for each in by_name] == ["p3", "p2", "p1"]
    page = mine.list(K.PORT, sort=[("name", False)], limit=1, marker=made[1].id)
    assert [each.name for each in page] == ["p2"]
    address = made[0].addresses[0].address
    assert mine.list(K.PORT, filters={"address": [address]}) == [made[0]]
    assert mine.list(K.PORT, filters={"admin_state_up": ["false"]}) == []
    assert len(mine.list(K.PORT, filters={"host": [""], "name": ["p1", "p2"]})) == 2
    for query in ({"marker": "nobody"}, {"sort": [("nonsense", False)]}):
        with pytest.raises(errors.Invalid):
            mine.list(K.PORT, **query)


def test_a_project_has_only_so_much(mine: Desk, theirs: Desk, deps: Any) -> None:
    deps.conf.set_override("quotas", {"network": "1"}, "network")
    mine.net()
    with pytest.raises(NetworkConflict) as refused:
        mine.create(K.NETWORK)
    assert refused.value.values["type"] == "OverQuota"
    theirs.create(K.NETWORK)
    quota = mine.handlers.network_quota(mine.context)
    assert quota["network"] == {"limit": 1, "used": 1}
    assert quota["port"] == {"limit": 500, "used": 0}


# --- floating addresses -----------------------------------------------------------------------


@pytest.fixture
def public(boss: Desk) -> Any:
    return boss.net("203.0.113.0/24", external=True)


def test_a_floating_address_goes_to_a_port_and_comes_back(
    mine: Desk, theirs: Desk, public: Any
) -> None:
    port = mine.create(K.PORT, network_id=mine.net().id)
    made = mine.create(K.FLOATING_IP, network_id=public.id)
    assert made.address.startswith("203.0.113.") and made.port_id is None
    given = mine.update(K.FLOATING_IP, made.id, port_id=port.id)
    assert given.fixed_address == port.addresses[0].address
    other = mine.create(K.FLOATING_IP, network_id=public.id)
    with pytest.raises(NetworkConflict):
        mine.update(K.FLOATING_IP, other.id, port_id=port.id)
    with pytest.raises(NetworkResourceNotFound):
        theirs.update(K.FLOATING_IP, made.id, port_id=None)
    stranger = theirs.create(K.FLOATING_IP, network_id=public.id)
    with pytest.raises(NetworkResourceNotFound):
        theirs.update(K.FLOATING_IP, stranger.id, port_id=port.id)
    mine.delete(K.PORT, port.id)
    assert mine.list(K.FLOATING_IP, filters={"id": [made.id]})[0].port_id is None
    for each in (made, other):
        mine.delete(K.FLOATING_IP, each.id)
    assert mine.list(K.FLOATING_IP) == []


def test_a_floating_address_is_of_an_external_network(mine: Desk, public: Any) -> None:
    network = mine.net()
    with pytest.raises(NetworkInvalid):
        mine.create(K.FLOATING_IP, network_id=network.id)
    with pytest.raises(errors.ExternalNetworkForbidden):
        LocalNetwork.validate(
            _local(mine), mine.context, [NetworkWish(uuid=public.id)], 1
        )  # fmt: skip


def _local(desk: Desk) -> LocalNetwork:
    made = LocalNetwork(desk.handlers._deps.conf)
    made.connect(desk.handlers._deps.databases, desk.handlers._deps.clients)
    return made


# --- servers ----------------------------------------------------------------------------------


def test_a_server_is_given_what_it_asks_for(mine: Desk, local: LocalNetwork) -> None:
    network = mine.net()
    instance, vif = boot(local, mine, network.id, fixed_ip="10.1.0.42", tag="front")
    assert (vif.fixed_ips[0].address, vif.tag, vif.mtu) == ("10.1.0.42", "front", 1450)
    assert vif.details["bridge"] == f"nlb{network.id[:11]}" and vif.active
    assert vif.subnets[0].cidr == "10.1.0.0/24"
    (port,) = mine.list(K.PORT, filters={"device_id": [instance.uuid]})
    assert (port.host, port.hostname, port.device_owner) == ("h1", "web", "compute:nova")
    with pytest.raises(errors.FixedIpInUse):
        boot(local, mine, network.id, fixed_ip="10.1.0.42")
    with pytest.raises(NetworkConflict):
        mine.delete(K.PORT, port.id)
    local.release(mine.context, instance)
    assert mine.list(K.PORT) == []


def test_a_port_that_was_brought_stays(mine: Desk, theirs: Desk, local: LocalNetwork) -> None:
    network = mine.net()
    port = mine.create(K.PORT, network_id=network.id)
    instance, vif = boot(local, mine, network.id, port=port.id)
    assert vif.preexisting and vif.port_id == port.id
    for desk, refusal in ((mine, errors.PortInUse), (theirs, errors.PortNotFound)):
        with pytest.raises(refusal):
            local.validate(desk.context, [NetworkWish(port=port.id)], 1)
        with pytest.raises(refusal):
            boot(local, desk, network.id, port=port.id)
    local.release(mine.context, instance)
    (free,) = mine.list(K.PORT)
    assert (free.device_id, free.host, free.addresses) == ("", None, port.addresses)


def test_which_network_a_server_gets_by_itself(mine: Desk, local: LocalNetwork, deps: Any) -> None:
    instance = make_instance(project_id="p1")
    assert local.allocate(mine.context, instance, None, []) == []
    with pytest.raises(errors.NetworkNotFound):
        local.validate(mine.context, "auto", 1)
    deps.conf.set_override("project_networks", True, "network")
    (vif,) = local.allocate(mine.context, instance, "auto", [])
    (made,) = mine.list(K.NETWORK)
    assert (vif.network_id, made.name) == (made.id, "private")
    mine.net()
    with pytest.raises(errors.NetworkAmbiguous):
        local.validate(mine.context, None, 1)
    local.validate(mine.context, "none", 1)


def test_an_unknown_group_is_refused_before_anything_is_written(
    mine: Desk, theirs: Desk, local: LocalNetwork
) -> None:
    network = mine.net()
    other = theirs.create(K.SECURITY_GROUP, name="theirs")
    wishes = [NetworkWish(uuid=network.id)]
    local.validate(mine.context, wishes, 1, ["default"])
    for name in ("nobody", "theirs", other.id):
        with pytest.raises(errors.Invalid):
            local.validate(mine.context, wishes, 1, [name])


def test_a_server_joins_and_leaves_a_group(mine: Desk, local: LocalNetwork) -> None:
    network = mine.net()
    web = mine.create(K.SECURITY_GROUP, name="web")
    instance, _ = boot(local, mine, network.id)
    for _ in range(2):
        names = local.change_group(mine.context, instance, "web", member=True)
        assert names == ["default", "web"]
    with pytest.raises(NetworkConflict):
        mine.delete(K.SECURITY_GROUP, web.id)
    assert local.change_group(mine.context, instance, web.id, member=False) == ["default"]
    for name in ("web", "nobody"):
        with pytest.raises(errors.SecurityGroupNotFound):
            local.change_group(mine.context, instance, name, member=False)


def test_what_leaked_is_given_back(mine: Desk, local: LocalNetwork) -> None:
    network = mine.net()
    kept = mine.create(K.PORT, network_id=network.id)
    instance, _ = boot(local, mine, network.id)
    brought, _ = boot(local, mine, network.id, port=kept.id)
    assert set(local.devices().values()) == {instance.uuid, brought.uuid}
    for server in (instance, brought):
        local.release_ports(mine.context, server.uuid)
    assert [each.id for each in mine.list(K.PORT)] == [kept.id]
    with mine.handlers._databases.api() as tx:
        network_rows.remove(tx, Port, kept.id)
    assert local.lost_addresses() == [kept.id]
    local.give_back_addresses(kept.id)
    assert local.lost_addresses() == []
    mine.delete(K.NETWORK, network.id)


# --- hosts ------------------------------------------------------------------------------------


def told(desk: Desk, host: str, since: int | None = None, tunnel: str = "") -> HostNetworks | None:
    return desk.handlers.get_host_networks(
        desk.context, host=host, since=since, tunnel_address=tunnel or f"192.0.2.{host[1:]}"
    )


def test_a_host_is_told_of_its_guests_and_their_neighbours(
    mine: Desk, theirs: Desk, local: LocalNetwork, public: Any
) -> None:
    for host in ("h1", "h2"):
        told(mine, host)
    network, other = mine.net(), theirs.net()
    _, one = boot(local, mine, network.id, "h1")
    _, two = boot(local, mine, network.id, "h2")
    boot(local, theirs, other.id, "h2")
    floating = mine.create(K.FLOATING_IP, network_id=public.id, port_id=one.port_id)
    found = told(mine, "h1")
    assert found is not None
    (seen,) = found.networks
    assert seen.network.id == network.id
    (port,) = seen.ports
    assert (port.id, port.hostname) == (one.port_id, "web")
    (remote,) = seen.remotes
    assert (remote.mac, remote.tunnel_address) == (two.mac, "192.0.2.2")
    members = [rule.members for rule in port.rules if rule.members is not None]
    both = sorted([one.fixed_ips[0].address, two.fixed_ips[0].address])
    assert both in members
    assert [each.address for each in found.floatings] == [floating.address]
    assert [each.id for each in found.externals] == [public.id]
    assert told(mine, "h1", since=found.generation) is None
    mine.update(K.PORT, one.port_id, admin_state_up=False)
    changed = told(mine, "h1", since=found.generation)
    assert changed is not None and changed.networks[0].ports[0].rules == []


def test_a_host_says_what_is_up_and_where_its_tunnels_end(mine: Desk, local: LocalNetwork) -> None:
    told(mine, "h1")
    told(mine, "h2")
    network = mine.net()
    _, one = boot(local, mine, network.id, "h1")
    boot(local, mine, network.id, "h2")
    for _ in range(2):
        mine.handlers.network_ports_up(mine.context, host="h1", port_ids=[one.port_id, "gone"])
    mine.handlers.network_ports_up(mine.context, host="h2", port_ids=[one.port_id])
    status = {each.id: each.status for each in mine.list(K.PORT)}
    assert sorted(status.values()) == ["ACTIVE", "DOWN"] and status[one.port_id] == "ACTIVE"
    told(mine, "h1", tunnel="198.51.100.1")
    found = told(mine, "h2")
    assert found is not None
    assert found.networks[0].remotes[0].tunnel_address == "198.51.100.1"


def test_a_physical_network_is_one_that_some_host_knows(boss: Desk, deps: Any) -> None:
    def provider(name: str, segment: int | None = None) -> Any:
        mode = "flat" if segment is None else "vlan"
        return boss.create(K.NETWORK, mode=mode, physical_network=name, segment=segment)

    def told_by(host: str, names: list[str] | None) -> None:
        boss.handlers.get_host_networks(
            boss.context, host=host, tunnel_address="192.0.2.1", physical_networks=names
        )

    provider("early")  # no host has said anything
    told_by("h0", None)
    provider("early", 5)  # this one is of an older release
    told_by("h1", [])
    told_by("h2", ["one", "two"])
    assert provider("one", 7).segment == 7 and provider("two").physical_network == "two"
    for segment in (None, 8):
        with pytest.raises(NetworkInvalid, match="physical_network 'three' unknown for"):
            provider("three", segment)
    told_by("h1", ["three"])
    told_by("h1", None)
    provider("three")
    told_by("h1", [])
    with pytest.raises(NetworkInvalid):
        provider("three", 9)


def test_a_host_is_written_down_when_it_says_something_new(boss: Desk, deps: Any) -> None:
    def generation(**said: Any) -> int:
        found = boss.handlers.get_host_networks(boss.context, host="h1", **said)
        assert found is not None
        return found.generation

    first = generation(tunnel_address="192.0.2.1", physical_networks=["b", "a"])
    assert generation(tunnel_address="192.0.2.1", physical_networks=["a", "b"]) == first
    assert generation(tunnel_address="192.0.2.1") == first
    assert generation(tunnel_address="192.0.2.1", physical_networks=["a"]) == first + 1
    assert generation(tunnel_address="192.0.2.2", physical_networks=["a"]) == first + 2


def test_without_its_daemon_a_host_gets_no_guest(
    mine: Desk, local: LocalNetwork, deps: Any
) -> None:
    deps.conf.set_override("wait_for_host", True, "network")
    network = mine.net()
    with pytest.raises(errors.NetworkUnavailable, match="never reported from host h9"):
        boot(local, mine, network.id, "h9")


def test_a_server_is_refused_what_cannot_be_given(mine: Desk, local: LocalNetwork) -> None:
    network = mine.net()
    bare = mine.create(K.PORT, network_id=network.id, addresses=[])
    empty = mine.create(K.NETWORK)
    for wish in (
        NetworkWish(port=bare.id),
        NetworkWish(uuid=empty.id),
        NetworkWish(uuid=network.id, fixed_ip="10.9.9.9"),
    ):
        with pytest.raises(errors.Invalid):
            local.validate(mine.context, [wish], 1)
    with pytest.raises(errors.FixedIpInUse):
        local.validate(mine.context, [NetworkWish(uuid=network.id, fixed_ip="10.1.0.5")], 2)


def test_naming_a_server_does_not_plug_a_port_into_it(mine: Desk, local: LocalNetwork) -> None:
    network = mine.net()
    instance, vif = boot(local, mine, network.id)
    stray = mine.create(K.PORT, network_id=network.id)
    mine.update(K.PORT, stray.id, device_id=instance.uuid)
    assert local.bind(mine.context, instance, "h1") == [vif]
    local.release(mine.context, instance)
    assert [each.id for each in mine.list(K.PORT)] == [stray.id]


def test_a_port_is_not_taken_from_its_server_behind_its_back(
    mine: Desk, boss: Desk, local: LocalNetwork
) -> None:
    network = mine.net()
    kept = mine.create(K.PORT, network_id=network.id)
    instance, _ = boot(local, mine, network.id, port=kept.id)
    for desk in (mine, boss):
        for values in ({"device_id": ""}, {"device_owner": ""}, {"device_id": "x"}):
            with pytest.raises(NetworkConflict):
                desk.update(K.PORT, kept.id, **values)
    mine.update(K.PORT, kept.id, name="web", device_id=instance.uuid)
    local.release(mine.context, instance)
    mine.update(K.PORT, kept.id, device_id="mine")
