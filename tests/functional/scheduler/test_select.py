# SPDX-License-Identifier: Apache-2.0
"""The scheduler over the bus, with a conductor that keeps hosts."""

import logging
from collections.abc import Iterator

import pytest
from oslo_config import cfg

from nova_lite.base.conf import register
from nova_lite.base.context import service_context
from nova_lite.base.service import Service
from nova_lite.domain import errors
from nova_lite.domain.group import GroupPolicy
from nova_lite.domain.request import SelectRequest
from nova_lite.domain.states import VmState
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.memory import MemoryBus
from nova_lite.scheduler.service import BINARY, build
from tests.fixtures.conductor import ConductorInMemory
from tests.fixtures.servers import make_instance
from tests.fixtures.wait import wait_for
from tests.unit.scheduler.harness import ask, group, host, request


class Lab:
    def __init__(self, bus: MemoryBus, clients: Clients, conductor: ConductorInMemory) -> None:
        self.bus = bus
        self.clients = clients
        self.conductor = conductor

    def select(self, asked, clients=None):  # type: ignore[no-untyped-def]
        return (clients or self.clients).scheduler.select(service_context(), request=asked)


@pytest.fixture
def conf() -> cfg.ConfigOpts:
    made = cfg.ConfigOpts()
    register(made)
    made([])
    made.set_override("host", "sched1")
    return made


@pytest.fixture
def lab() -> Iterator[Lab]:
    bus = MemoryBus(patience=0.2)
    conductor = ConductorInMemory()
    conductor.serve(bus)
    yield Lab(bus, Clients(bus), conductor)
    bus.close()


@pytest.fixture
def scheduler(lab: Lab, conf: cfg.ConfigOpts) -> Iterator[Service]:
    service = build(conf, lab.bus, lab.clients)
    service.start()
    # It reads all hosts when it starts: have that behind, or it may come between two picks.
    wait_for(lambda: lab.conductor.hosts_reads, 10, "the first reading of hosts")
    lab.select(ask(request()))
    yield service
    service.stop()
    service.wait(5)


def test_a_decision(lab: Lab, scheduler: Service) -> None:
    for one in (host("h1"), host("h2", ram=16384), host("h3", up=False)):
        lab.conductor.put_host(one)
    found = lab.select(ask(request()))
    assert [pick.host for pick in found.selections[0].hosts] == ["h2", "h1"]
    assert found.counts == {"ComputeFilter": 1}
    assert found.considered == 3


def test_it_reports_itself(lab: Lab, scheduler: Service) -> None:
    wait_for(lambda: lab.conductor.beats.get((BINARY, "sched1")), 10, "a heartbeat")


def test_what_was_picked_is_not_picked_again_before_the_claim_is_seen(
    lab: Lab, scheduler: Service
) -> None:
    lab.conductor.put_host(host("h1", vcpus=2))
    lab.conductor.put_host(host("h2", vcpus=2))
    taken = [lab.select(ask(request(vcpus=2))).selections[0].hosts[0].host for _ in range(2)]
    assert sorted(taken) == ["h1", "h2"]


def test_no_is_said_only_after_a_second_look(lab: Lab, scheduler: Service) -> None:
    """A pick that was never claimed must not refuse the next server."""
    lab.conductor.put_host(host("h1", vcpus=2))
    assert lab.select(ask(request(vcpus=2))).selections[0].hosts
    reads = len(lab.conductor.hosts_reads)
    again = lab.select(ask(request(vcpus=2)))
    assert again.selections[0].hosts[0].host == "h1"
    assert len(lab.conductor.hosts_reads) > reads


@pytest.fixture
def members(lab: Lab) -> list[str]:
    """Servers that the conductor knows, building, without a host yet."""
    made = [make_instance(vm_state=VmState.BUILDING) for _ in range(4)]
    for one in made:
        lab.conductor.put(one)
    return [one.uuid for one in made]


def member(server: str, policy: GroupPolicy) -> SelectRequest:
    """A member of a group, asked for when the group was still empty."""
    return SelectRequest(spec=request(group=group(policy)), uuids=[server])


def test_members_asked_for_at_the_same_time_keep_apart(
    lab: Lab, scheduler: Service, members: list[str]
) -> None:
    for name in ("h1", "h2"):
        lab.conductor.put_host(host(name))
    found = [lab.select(member(one, GroupPolicy.ANTI_AFFINITY)) for one in members[:3]]
    hosts = [one.selections[0].hosts for one in found]
    assert {hosts[0][0].host, hosts[1][0].host} == {"h1", "h2"}
    assert hosts[2] == []
    assert found[2].counts == {"ServerGroupAntiAffinityFilter": 2}


def test_members_asked_for_at_the_same_time_keep_together(
    lab: Lab, scheduler: Service, members: list[str]
) -> None:
    for name in ("h1", "h2", "h3"):
        lab.conductor.put_host(host(name))
    found = [lab.select(member(one, GroupPolicy.AFFINITY)) for one in members]
    assert len({one.selections[0].hosts[0].host for one in found}) == 1


def test_a_member_placed_again_does_not_stand_in_its_own_way(lab: Lab, scheduler: Service) -> None:
    lab.conductor.put_host(host("h1"))
    for _ in range(2):
        found = lab.select(member("s1", GroupPolicy.ANTI_AFFINITY))
        assert found.selections[0].hosts[0].host == "h1"


def test_a_member_that_is_gone_again_makes_room(
    lab: Lab, scheduler: Service, members: list[str]
) -> None:
    lab.conductor.put_host(host("h1"))
    first, second, third, _ = members

    def host_of(server: str) -> list[str]:
        found = lab.select(member(server, GroupPolicy.ANTI_AFFINITY))
        return [pick.host for pick in found.selections[0].hosts]

    assert host_of(first) == ["h1"]
    assert host_of(second) == []
    lab.conductor.put(lab.conductor.instances[first], deleted=True)
    assert host_of(second) == ["h1"]
    lab.conductor.put(lab.conductor.instances[second], vm_state=VmState.ERROR)
    assert host_of(third) == ["h1"]


def test_fresh_looks_again_at_once(lab: Lab, scheduler: Service) -> None:
    lab.conductor.put_host(host("h1", vcpus=2))
    assert lab.select(ask(request(vcpus=2))).selections[0].hosts
    lab.conductor.put_host(host("h1", vcpus=2, used={"VCPU": 2}))
    found = lab.select(ask(request(vcpus=2), fresh=True))
    assert found.selections[0].hosts == []
    assert found.counts == {"VCPU": 1}


def test_refused_hosts_and_the_log(
    lab: Lab, scheduler: Service, caplog: pytest.LogCaptureFixture
) -> None:
    lab.conductor.put_host(host("h1"))
    with caplog.at_level(logging.DEBUG, logger="nova_lite.scheduler"):
        found = lab.select(ask(request(), refused=["h1"]))
    assert found.selections[0].hosts == []
    lines = [record.getMessage() for record in caplog.records]
    assert "Filter RetryFilter returned 0 host(s)" in lines
    assert any(line.startswith("Filtering removed all hosts for the request") for line in lines)
    assert any(line.startswith("1 host: 1 RetryFilter, 0 left;") for line in lines)


def test_without_a_conductor_it_says_so(conf: cfg.ConfigOpts) -> None:
    bus = MemoryBus(patience=0.1)
    clients = Clients(bus)
    service = build(conf, bus, clients)
    service.start()
    try:
        with pytest.raises(errors.Unavailable):
            clients.scheduler.select(service_context(), request=ask(request()))
    finally:
        service.stop()
        bus.close()


def test_an_unknown_filter_stops_the_daemon(lab: Lab, conf: cfg.ConfigOpts) -> None:
    conf.set_override("enabled_filters", ["NoSuchFilter"], "filter_scheduler")
    with pytest.raises(errors.ConfigurationError, match="NoSuchFilter"):
        build(conf, lab.bus, lab.clients)
