# SPDX-License-Identifier: Apache-2.0
import pytest
import sqlalchemy as sa

from nova_lite.base import clock as base_clock
from nova_lite.conductor.handlers.hosts import HostHandlers
from nova_lite.conductor.handlers.services import ServiceHandlers
from nova_lite.db.api import allocations, cells, network_rows
from nova_lite.db.api.models import aggregate_hosts, aggregate_metadata, aggregates
from nova_lite.db.cell.models import instances
from nova_lite.domain import errors
from tests.fixtures.databases import CELL1, node_report


@pytest.fixture
def services(deps) -> ServiceHandlers:
    return ServiceHandlers(deps)


@pytest.fixture
def hosts(deps) -> HostHandlers:
    return HostHandlers(deps)


def beat(services, context, host: str = "host1", binary: str = "nova-compute"):
    topic = binary.removeprefix("nova-")
    return services.report_service(
        context, binary=binary, host=host, topic=topic, version=1, wire_level=1
    )


def add_aggregate(databases, name: str, hosts: list[str], **metadata: str) -> None:
    with databases.api() as tx:
        tx.execute(aggregates.insert(), {"name": name, "uuid": name})
        number = tx.scalar(sa.select(aggregates.c.id).where(aggregates.c.name == name))
        for host in hosts:
            tx.execute(aggregate_hosts.insert(), {"aggregate_id": number, "host": host})
        for key, value in metadata.items():
            row = {"aggregate_id": number, "key": key, "value": value}
            tx.execute(aggregate_metadata.insert(), row)


def test_heartbeats(services, admin, clock) -> None:
    first = beat(services, admin)
    assert (first.binary, first.host, first.topic) == ("nova-compute", "host1", "compute")
    assert (first.up, first.disabled, first.forced_down) == (True, False, False)
    assert first.last_seen_up == base_clock.now()
    clock.advance(10)
    second = beat(services, admin)
    assert (second.uuid, second.id) == (first.uuid, first.id)
    assert second.report_count == first.report_count + 1
    assert second.last_seen_up == base_clock.now()
    (listed,) = services.list_services(admin)
    assert listed.up
    clock.advance(61)
    (listed,) = services.list_services(admin)
    assert not listed.up
    assert beat(services, admin).up


def test_new_compute_services_can_start_disabled(services, admin, conf) -> None:
    conf.set_override("enable_new_services", False)
    assert beat(services, admin).disabled
    assert not beat(services, admin, binary="nova-scheduler").disabled


def test_disable_enable_and_force_down(services, admin) -> None:
    uuid = beat(services, admin).uuid
    found = services.update_service(admin, uuid=uuid, disabled=True, disabled_reason="broken fan")
    assert (found.disabled, found.disabled_reason) == (True, "broken fan")
    assert services.update_service(admin, uuid=uuid, disabled_reason="x").disabled_reason == "x"
    found = services.update_service(admin, uuid=uuid, forced_down=True)
    assert (found.up, found.forced_down, found.disabled) == (False, True, True)
    assert not beat(services, admin).up
    found = services.update_service(admin, uuid=uuid, disabled=False, forced_down=False)
    assert (found.up, found.disabled, found.disabled_reason) == (True, False, None)
    with pytest.raises(errors.ServiceNotFound):
        services.update_service(admin, uuid="no", disabled=True)


def test_listing(services, admin, databases) -> None:
    for host, binary in (("a", "nova-compute"), ("b", "nova-compute"), ("c", "nova-scheduler")):
        beat(services, admin, host, binary)
    add_aggregate(databases, "east", ["b"], availability_zone="east")

    def listed(**wanted: str) -> list[tuple[str, str]]:
        found = services.list_services(admin, **wanted)
        return [(service.host, service.zone) for service in found]

    assert listed() == [("a", "nova"), ("b", "east"), ("c", "internal")]
    assert listed(binary="nova-compute") == [("a", "nova"), ("b", "east")]
    assert listed(host="c") == [("c", "internal")]
    assert listed(host="c", binary="nova-compute") == []


def test_availability_zones(services, admin, databases) -> None:
    for host in ("a", "b"):
        beat(services, admin, host)
    beat(services, admin, "c", "nova-scheduler")
    add_aggregate(databases, "east", ["b"], availability_zone="east")
    (uuid,) = [s.uuid for s in services.list_services(admin, host="b")]
    found = services.list_availability_zones(admin)
    assert [(zone.name, zone.available, zone.hosts) for zone in found] == [
        ("east", True, None),
        ("nova", True, None),
    ]
    services.update_service(admin, uuid=uuid, disabled=True)
    found = services.list_availability_zones(admin, detail=True)
    assert [(zone.name, zone.available) for zone in found] == [
        ("east", False),
        ("internal", True),
        ("nova", True),
    ]
    assert found[0].hosts is None
    assert list(found[2].hosts or {}) == ["a"]
    assert (found[2].hosts or {})["a"]["nova-compute"].up


def test_delete(services, hosts, admin, databases, clock) -> None:
    uuid = beat(services, admin).uuid
    node = node_report()
    hosts.report_node(admin, host="host1", report=node)
    add_aggregate(databases, "east", ["host1"])
    consumer = "c" * 36
    with databases.api() as tx:
        allocations.claim(tx, consumer, node.node_uuid, {"VCPU": 1})
    with pytest.raises(errors.ServiceBusy):
        services.delete_service(admin, uuid=uuid)
    with databases.api() as tx:
        allocations.release(tx, consumer)
    with databases.cell(CELL1) as tx:
        row = {column.name: "x" for column in instances.columns if not column.nullable}
        row |= {"id": 1, "host": "host1", "deleted": 0, "created_at": base_clock.now()}
        row |= {"config_drive": False, "auto_disk_config": False, "instance_type_id": 1}
        row |= {"power_state": 0, "launch_index": 0, "progress": 0, "extras": 0}
        tx.execute(instances.insert(), row)
    with pytest.raises(errors.ServiceBusy):
        services.delete_service(admin, uuid=uuid)
    with databases.cell(CELL1) as tx:
        tx.execute(instances.delete())
    said = network_rows.HostSaid("192.0.2.1", ("rack",))
    with databases.api() as tx:
        network_rows.keep_host(tx, "host1", said)
        network_rows.keep_host(tx, "host2", said._replace(physical_networks=("attic",)))
        told = network_rows.generation(tx)
    since = hosts.list_hosts(admin).generation
    services.delete_service(admin, uuid=uuid)
    assert services.list_services(admin) == []
    assert hosts.list_compute_nodes(admin) == []
    with databases.read_api() as tx:
        assert cells.list_hosts(tx) == {}
        assert network_rows.tunnels(tx) == {"host2": "192.0.2.1"}
        assert network_rows.physical_networks(tx) == {"attic"}
        assert network_rows.generation(tx) > told, "so that others hear of it"
    with databases.api() as tx:
        network_rows.keep_host(tx, "host1", said)
        assert network_rows.host(tx, "host1") == said, "there again"
    assert hosts.list_hosts(admin, since=since).removed == [node.node_uuid]
    with pytest.raises(errors.ServiceNotFound):
        services.delete_service(admin, uuid=uuid)
    again = beat(services, admin)
    hosts.report_node(admin, host="host1", report=node)
    assert again.uuid != uuid
    assert [one.uuid for one in hosts.list_compute_nodes(admin)] == [node.node_uuid]
    assert [one.host for one in hosts.list_hosts(admin).hosts] == ["host1"]
