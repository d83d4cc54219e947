# SPDX-License-Identifier: Apache-2.0
"""What every network back end must do, on those that need no service of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from nova_lite.backends.load import load_network
from nova_lite.backends.network import fake, user
from nova_lite.backends.network.fake import FakeNetwork
from nova_lite.backends.network.none import NoNetwork
from nova_lite.backends.network.port import NetworkPort
from nova_lite.backends.network.user import UserNetwork
from nova_lite.base import concurrency
from nova_lite.base.context import RequestContext, service_context
from nova_lite.conductor.network.servers import LocalNetwork
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.instance import Instance
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.memory import MemoryBus
from tests.fixtures.databases import make_databases, sqlite_urls
from tests.fixtures.servers import make_instance
from tests.fixtures.settings import make_conf

CONTEXT = RequestContext(project_id="p1", roles=("member",))
ABSENT = "7d3c7f4e-0000-4000-8000-000000000000"


GIVERS = ["user", "fake", "fake in files", "local"]


@contextmanager
def loaded(kind: str, folder: Path) -> Iterator[NetworkPort]:
    name, _, files = kind.partition(" ")
    path = str(folder) if files else None
    options = {"network__project_networks": True, "network__wait_for_host": False}
    network = load_network(make_conf(network__backend=name, fake__state_path=path, **options))
    if not isinstance(network, LocalNetwork):
        yield network
        return
    databases, bus = make_databases(sqlite_urls(folder)), MemoryBus()
    network.connect(databases, Clients(bus))
    yield network
    bus.close()
    databases.close()


@pytest.fixture(params=["none", *GIVERS])
def port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NetworkPort]:
    with loaded(request.param, tmp_path) as network:
        yield network


@pytest.fixture(params=GIVERS)
def givers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NetworkPort]:
    """Those that give interfaces at all."""
    with loaded(request.param, tmp_path) as network:
        yield network


def give(
    port: NetworkPort, instance: Instance, wishes: str | list[NetworkWish] | None
) -> list[Vif]:
    return port.allocate(CONTEXT, instance, wishes, [])


# --- all ----------------------------------------------------------------------------------


@pytest.mark.parametrize("wishes", [None, "auto", "none", []])
def test_what_is_not_explicit_is_never_refused(
    port: NetworkPort, wishes: str | list[NetworkWish] | None
) -> None:
    port.validate(CONTEXT, wishes, 10)


def test_an_unknown_network_is_refused_before_anything_is_written(port: NetworkPort) -> None:
    with pytest.raises(errors.NetworkNotFound) as refused:
        port.validate(CONTEXT, [NetworkWish(uuid=ABSENT)], 1)
    assert ABSENT in refused.value.message


def test_an_unknown_port_is_refused_before_anything_is_written(port: NetworkPort) -> None:
    with pytest.raises(errors.PortNotUsable) as refused:
        port.validate(CONTEXT, [NetworkWish(port=ABSENT)], 1)
    assert ABSENT in refused.value.message


def test_none_gives_no_interface(port: NetworkPort) -> None:
    instance = make_instance()
    assert give(port, instance, "none") == []
    assert port.bind(CONTEXT, instance, "h1") == []
    assert port.wait_active(CONTEXT, instance, 1.0)
    port.release(CONTEXT, instance)


def test_releasing_what_was_never_given_does_no_harm(port: NetworkPort) -> None:
    port.release(CONTEXT, make_instance())


# --- those that give interfaces -----------------------------------------------------------


@pytest.mark.parametrize("wishes", [None, "auto"])
def test_auto_gives_one_interface(givers: NetworkPort, wishes: str | None) -> None:
    (vif,) = give(givers, make_instance(), wishes)
    assert vif.mac.startswith("fa:16:3e:")
    assert vif.label and vif.network_id and vif.port_id
    assert [ip.version for ip in vif.fixed_ips] == [4]


def test_asking_twice_gives_the_same(givers: NetworkPort) -> None:
    instance = make_instance()
    assert give(givers, instance, None) == give(givers, instance, None)


def test_the_network_of_a_project_is_made_once(tmp_path: Path) -> None:
    """Also when several servers are the first."""
    with loaded("local", tmp_path) as network:
        asking = [concurrency.spawn(give, network, make_instance(), "auto") for _ in range(8)]
        given = [vif for each in asking for vif in each.wait()]
    assert len({vif.network_id for vif in given}) == 1
    assert len({vif.fixed_ips[0].address for vif in given}) == 8


def test_two_servers_have_two_interfaces(givers: NetworkPort) -> None:
    one, two = (give(givers, make_instance(), None)[0] for _ in range(2))
    assert one.mac != two.mac
    assert one.port_id != two.port_id


def test_binding_says_how_to_plug_and_can_be_repeated(givers: NetworkPort) -> None:
    instance = make_instance()
    given = give(givers, instance, None)
    instance = make_instance(uuid=instance.uuid, vifs=given)
    bound = givers.bind(CONTEXT, instance, "h1")
    assert [vif.port_id for vif in bound] == [vif.port_id for vif in given]
    assert givers.bind(CONTEXT, instance, "h1") == bound
    assert givers.wait_active(CONTEXT, instance, 1.0)


def test_a_server_without_a_host_keeps_its_ports(givers: NetworkPort) -> None:
    instance = make_instance()
    given = givers.allocate(CONTEXT, instance, "auto", ["default"])
    instance = replace(instance, vifs=given)
    before = givers.bind(CONTEXT, instance, "h1")
    for _ in range(2):
        givers.unbind(CONTEXT, instance)
    after = givers.bind(CONTEXT, instance, "h2")
    assert [(v.port_id, v.mac, v.subnets) for v in after] == [
        (v.port_id, v.mac, v.subnets) for v in before
    ]


def test_a_tag_is_kept(givers: NetworkPort) -> None:
    network_id = give(givers, make_instance(), None)[0].network_id
    wishes = [NetworkWish(uuid=network_id, tag="front")]
    givers.validate(CONTEXT, wishes, 1)
    assert give(givers, make_instance(), wishes)[0].tag == "front"


def test_release_can_be_repeated(givers: NetworkPort) -> None:
    instance = make_instance()
    give(givers, instance, None)
    givers.release(CONTEXT, instance)
    givers.release(CONTEXT, instance)


def added(network: NetworkPort, instance: Instance, new_id: str, **wish: str) -> Vif:
    return network.add(CONTEXT, instance, NetworkWish(**wish), new_id)


def test_one_more_interface_is_bound_and_released_with_the_others(givers: NetworkPort) -> None:
    instance = make_instance(host="h1")
    new_id = str(uuid4())
    vif = added(givers, instance, new_id, tag="back")
    assert added(givers, instance, new_id, tag="back") == vif
    assert vif.tag == "back" and vif.mac.startswith("fa:16:3e:")
    instance = make_instance(uuid=instance.uuid, host="h1", vifs=[vif])
    assert [v.port_id for v in givers.bind(CONTEXT, instance, "h1")] == [vif.port_id]
    givers.release(CONTEXT, instance)


def test_one_interface_less(givers: NetworkPort) -> None:
    instance = make_instance(host="h1")
    vif = added(givers, instance, str(uuid4()))
    for _ in range(2):
        givers.remove(CONTEXT, instance, vif.port_id)
    again = make_instance(uuid=instance.uuid, host="h1")
    assert givers.bind(CONTEXT, again, "h1") == []


def test_an_interface_on_an_unknown_network_or_port_is_refused(port: NetworkPort) -> None:
    instance = make_instance(host="h1")
    with pytest.raises(errors.NetworkNotFound):
        added(port, instance, str(uuid4()), uuid=ABSENT)
    with pytest.raises(errors.PortNotFound):
        added(port, instance, str(uuid4()), port=ABSENT)


def test_a_port_that_was_brought_comes_and_stays() -> None:
    network = FakeNetwork()
    port_id = network.add_port(fake.NETWORK_ID)
    one, two = make_instance(host="h1"), make_instance(host="h1")
    vif = added(network, one, str(uuid4()), port=port_id)
    assert vif.port_id == port_id and vif.preexisting
    with pytest.raises(errors.PortInUse):
        added(network, two, str(uuid4()), port=port_id)
    network.remove(CONTEXT, two, port_id)  # not its own
    with pytest.raises(errors.PortInUse):
        added(network, two, str(uuid4()), port=port_id)
    network.remove(CONTEXT, one, port_id)
    assert added(network, two, str(uuid4()), port=port_id).port_id == port_id


def test_an_address_is_given_once() -> None:
    network = FakeNetwork()
    wish = {"uuid": fake.NETWORK_ID, "fixed_ip": "192.168.130.7"}
    vif = added(network, make_instance(host="h1"), str(uuid4()), **wish)
    assert [ip.address for ip in vif.fixed_ips] == ["192.168.130.7"]
    with pytest.raises(errors.FixedIpInUse):
        added(network, make_instance(host="h1"), str(uuid4()), **wish)


# --- none, user ---------------------------------------------------------------------------


def test_without_networks_the_refusal_says_why() -> None:
    with pytest.raises(errors.NetworkNotFound, match="no network service"):
        NoNetwork().validate(CONTEXT, [NetworkWish(uuid=ABSENT)], 1)
    assert give(NoNetwork(), make_instance(), "auto") == []


def test_user_mode_interfaces_follow_from_the_uuid() -> None:
    instance = make_instance()
    vif = give(UserNetwork(), instance, None)[0]
    assert vif == give(UserNetwork(), instance, None)[0]
    assert (vif.vif_type, vif.label) == ("user", "user")
    assert [ip.address for ip in vif.fixed_ips] == ["10.0.2.15"]


def test_user_mode_gives_what_it_can_and_refuses_the_rest() -> None:
    ours = user.NETWORK_ID
    UserNetwork().validate(CONTEXT, [NetworkWish(uuid=ours, fixed_ip="10.0.2.15")], 5)
    for wishes in (
        [NetworkWish(uuid=ours, fixed_ip="10.0.2.16")],
        [NetworkWish(uuid=ours), NetworkWish(uuid=ours)],
    ):
        with pytest.raises(errors.Invalid):
            UserNetwork().validate(CONTEXT, wishes, 1)


# --- fake ---------------------------------------------------------------------------------


@pytest.fixture(params=["memory", "files"])
def network(request: pytest.FixtureRequest, tmp_path: Path) -> FakeNetwork:
    path = str(tmp_path) if request.param == "files" else None
    return FakeNetwork(make_conf(fake__state_path=path))


def test_addresses_are_given_once_and_come_back(network: FakeNetwork) -> None:
    small = network.add_network("small", "10.9.0.0/29")
    wish = [NetworkWish(uuid=small)]
    servers = [make_instance() for _ in range(5)]
    addresses = {give(network, one, wish)[0].fixed_ips[0].address for one in servers}
    assert len(addresses) == 5
    with pytest.raises(errors.NetworkUnavailable, match="no free address"):
        give(network, make_instance(), wish)
    network.release(CONTEXT, servers[0])
    assert give(network, make_instance(), wish)[0].fixed_ips[0].address in addresses


def test_a_fixed_address_is_given_or_refused(network: FakeNetwork) -> None:
    wish = [NetworkWish(uuid=fake.NETWORK_ID, fixed_ip="192.168.128.77")]
    network.validate(CONTEXT, wish, 1)
    vif = give(network, make_instance(), wish)[0]
    assert vif.fixed_ips[0].address == "192.168.128.77"
    for wrong in ("192.168.128.77", "10.0.0.1", "x"):
        with pytest.raises(errors.Invalid):
            network.validate(CONTEXT, [NetworkWish(uuid=fake.NETWORK_ID, fixed_ip=wrong)], 1)
    with pytest.raises(errors.Invalid):
        network.validate(CONTEXT, [NetworkWish(uuid=fake.NETWORK_ID, fixed_ip="192.168.128.78")], 2)


def test_a_port_that_was_brought_stays(network: FakeNetwork) -> None:
    port_id = network.add_port(fake.NETWORK_ID)
    wish = [NetworkWish(port=port_id)]
    network.validate(CONTEXT, wish, 1)
    first, second = make_instance(), make_instance()
    assert give(network, first, wish)[0].preexisting
    with pytest.raises(errors.PortNotUsable):
        network.validate(CONTEXT, wish, 1)
    with pytest.raises(errors.PortNotUsable):
        give(network, second, wish)
    network.release(CONTEXT, first)
    assert give(network, second, wish)[0].port_id == port_id


def test_a_network_of_another_project_is_not_there(network: FakeNetwork) -> None:
    theirs = network.add_network("theirs", "10.8.0.0/24", project_id="p2")
    with pytest.raises(errors.NetworkNotFound):
        network.validate(CONTEXT, [NetworkWish(uuid=theirs)], 1)
    network.validate(service_context(), [NetworkWish(uuid=theirs)], 1)


def test_what_was_half_given_is_found_again(network: FakeNetwork) -> None:
    """A crash between taking an address and writing the server's list."""
    instance = make_instance()
    before = give(network, instance, None)
    network.servers.remove(instance.uuid)
    assert give(network, instance, None) == before


def test_files_are_seen_by_others(tmp_path: Path) -> None:
    conf = make_conf(fake__state_path=str(tmp_path))
    instance = make_instance()
    given = give(FakeNetwork(conf), instance, None)
    other = FakeNetwork(conf)
    assert give(other, instance, None) == given
    other.release(CONTEXT, instance)
    assert other.addresses.names() == other.ports.names() == []


def test_faults_on_demand(network: FakeNetwork) -> None:
    network.faults.fail("network.allocate")
    with pytest.raises(errors.NetworkUnavailable):
        give(network, make_instance(), None)
    assert give(network, make_instance(), None)
