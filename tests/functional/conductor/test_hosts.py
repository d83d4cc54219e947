# SPDX-License-Identifier: Apache-2.0
import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy import event

from nova_lite.conductor.handlers.hosts import HostHandlers
from nova_lite.conductor.handlers.services import ServiceHandlers
from nova_lite.db.api import allocations, cells
from nova_lite.domain import errors
from tests.fixtures.databases import CELL1, node_report
from tests.functional.conductor.test_services import add_aggregate, beat


@pytest.fixture
def services(deps) -> ServiceHandlers:
    return ServiceHandlers(deps)


@pytest.fixture
def hosts(deps) -> HostHandlers:
    return HostHandlers(deps)


class Statements:
    """The statements that the databases are given."""

    def __init__(self, databases) -> None:
        self.seen: list[str] = []
        engines = [databases.api_database.engine]
        engines += [databases.cell_database(cell).engine for cell in databases.cells()]
        for engine in engines:
            event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_more) -> None:
        self.seen.append(statement)

    def take(self) -> list[str]:
        taken, self.seen = self.seen, []
        return taken


def test_a_new_node(hosts, services, admin, databases) -> None:
    beat(services, admin)
    report = node_report()
    hosts.report_node(admin, host="host1", report=report)
    (node,) = hosts.list_compute_nodes(admin)
    assert (node.uuid, node.host, node.report) == (report.node_uuid, "host1", report)
    assert node.used == {"VCPU": 0, "MEMORY_MB": 0, "DISK_GB": 0}
    assert node.service.binary == "nova-compute"
    with databases.read_api() as tx:
        assert cells.list_hosts(tx) == {"host1": CELL1}
    with databases.api() as tx:
        allocations.claim(tx, "c" * 36, report.node_uuid, {"VCPU": 3})
    (node,) = hosts.list_compute_nodes(admin)
    assert (node.used["VCPU"], node.instances) == (3, 1)


def test_reports_cost_what_they_say(hosts, services, admin, databases) -> None:
    beat(services, admin)
    report = node_report()
    for _ in range(2):
        # Twice: where the host lives is looked up once after it is known.
        hosts.report_node(admin, host="host1", report=report)
    statements = Statements(databases)
    hosts.report_node(admin, host="host1", report=report)
    assert len(statements.take()) == 1
    hosts.report_node(admin, host="host1", report=replace(report, memory_mb_used=7))
    seen = statements.take()
    assert not [words for words in seen if "resource_providers" in words]
    assert [words.split()[0] for words in seen] == ["SELECT", "BEGIN", "UPDATE", "COMMIT"]
    hosts.report_node(admin, host="host1", report=replace(report, traits=["NEW"]))
    assert [words for words in statements.take() if "resource_providers" in words]
    (host,) = hosts.list_hosts(admin).hosts
    assert host.traits == ["NEW"]


def test_heartbeats_and_looks_are_cheap(hosts, services, admin, databases, clock) -> None:
    beat(services, admin)
    hosts.report_node(admin, host="host1", report=node_report())
    beat(services, admin)
    statements = Statements(databases)
    beat(services, admin)
    verbs = [words.split()[0] for words in statements.take()]
    # BEGIN and COMMIT are for SQLite alone; see Database.statement.
    assert [v for v in verbs if v not in ("BEGIN", "COMMIT")] == ["UPDATE", "SELECT"]
    hosts.list_hosts(admin)
    newest = hosts.list_hosts(admin).hosts[0].generation
    statements.take()
    assert hosts.list_hosts(admin, since=newest).hosts == []
    assert len(statements.take()) == 1
    clock.advance(2)
    assert hosts.list_hosts(admin, since=newest).hosts == []
    assert len(statements.take()) == 3


def test_one_identity_one_host(hosts, services, admin, clock) -> None:
    for host in ("host1", "host2"):
        beat(services, admin, host)
    report = node_report()
    hosts.report_node(admin, host="host1", report=report)
    with pytest.raises(errors.Conflict):
        hosts.report_node(admin, host="host2", report=report)
    clock.advance(61)
    beat(services, admin, "host2")
    hosts.report_node(admin, host="host2", report=report)
    assert [node.host for node in hosts.list_compute_nodes(admin)] == ["host2"]


def test_a_machine_with_a_new_identity(hosts, services, admin) -> None:
    beat(services, admin)
    hosts.report_node(admin, host="host1", report=node_report())
    new = replace(node_report(2), hypervisor_hostname="host1")
    hosts.report_node(admin, host="host1", report=new)
    assert [node.uuid for node in hosts.list_compute_nodes(admin)] == [new.node_uuid]


def test_listing(hosts, services, admin) -> None:
    reports = [node_report(number) for number in range(1, 6)]
    for report in reports:
        beat(services, admin, report.hypervisor_hostname)
        hosts.report_node(admin, host=report.hypervisor_hostname, report=report)

    def listed(**wanted: object) -> list[str]:
        return [node.host for node in hosts.list_compute_nodes(admin, **wanted)]

    assert listed() == ["host1", "host2", "host3", "host4", "host5"]
    assert listed(limit=2) == ["host1", "host2"]
    assert listed(limit=2, marker=reports[1].node_uuid) == ["host3", "host4"]
    fourth = hosts.list_compute_nodes(admin)[3]
    assert listed(marker=str(fourth.id)) == ["host5"]
    assert listed(hostname_pattern="ost3") == ["host3"]
    assert listed(hostname_pattern="%") == []
    assert listed(uuid=reports[4].node_uuid) == ["host5"]
    assert listed(uuid="none") == []
    with pytest.raises(errors.MarkerNotFound):
        listed(marker="no such")


def test_schedulers_see_heartbeats_that_stop(hosts, services, admin, clock) -> None:
    for number in (1, 2):
        beat(services, admin, f"host{number}")
        hosts.report_node(admin, host=f"host{number}", report=node_report(number))
    assert {host.host: host.up for host in hosts.list_hosts(admin).hosts} == {
        "host1": True,
        "host2": True,
    }
    clock.advance(59)
    beat(services, admin, "host2")
    clock.advance(2)
    assert {h.host: h.up for h in hosts.list_hosts(admin).hosts} == {"host1": False, "host2": True}
    beat(services, admin, "host1")
    clock.advance(2)
    assert {h.host: h.up for h in hosts.list_hosts(admin).hosts} == {"host1": True, "host2": True}


def test_schedulers_see_switches(hosts, services, admin, databases) -> None:
    uuid = beat(services, admin).uuid
    hosts.report_node(admin, host="host1", report=node_report())
    hosts.list_hosts(admin)
    services.update_service(admin, uuid=uuid, disabled=True, disabled_reason="why")
    (host,) = hosts.list_hosts(admin).hosts
    assert (host.up, host.disabled, host.disabled_reason) == (True, True, "why")
    services.update_service(admin, uuid=uuid, disabled=False, forced_down=True)
    (host,) = hosts.list_hosts(admin).hosts
    assert (host.up, host.disabled, host.disabled_reason) == (False, False, None)


def test_what_was_left_behind_is_put_right(hosts, services, admin, databases, clock) -> None:
    """As after a conductor that died between the cell and the API database."""
    uuid = beat(services, admin).uuid
    hosts.report_node(admin, host="host1", report=node_report())
    hosts.list_hosts(admin)
    with databases.cell(CELL1) as tx:
        words = sa.text("UPDATE services SET disabled = true WHERE uuid = :uuid")
        tx.execute(words, {"uuid": uuid})
    clock.advance(2)
    assert hosts.list_hosts(admin).hosts[0].disabled


def test_a_service_disabled_before_its_node_is_known(hosts, services, admin, conf) -> None:
    conf.set_override("enable_new_services", False)
    hosts.list_hosts(admin)
    beat(services, admin)
    hosts.report_node(admin, host="host1", report=node_report())
    assert hosts.list_hosts(admin).hosts[0].disabled


def test_zone_and_aggregates(hosts, services, admin, databases) -> None:
    for number in (1, 2):
        beat(services, admin, f"host{number}")
        hosts.report_node(admin, host=f"host{number}", report=node_report(number))
    add_aggregate(databases, "east", ["host2"], availability_zone="east", ssd="yes")
    add_aggregate(databases, "plain", ["host2"])
    first, second = hosts.list_hosts(admin).hosts
    assert (first.zone, first.aggregates) == ("nova", [])
    assert second.zone == "east"
    assert second.aggregates == [{"availability_zone": "east", "ssd": "yes"}, {}]


def test_without_a_cell(hosts, services, admin, databases) -> None:
    with databases.api() as tx:
        cells.delete_cell(tx, CELL1)
    databases.cells(fresh=True)
    with pytest.raises(errors.Unavailable):
        hosts.report_node(admin, host="host1", report=node_report())
    assert beat(services, admin, binary="nova-scheduler").up
