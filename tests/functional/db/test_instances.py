# SPDX-License-Identifier: Apache-2.0
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from nova_lite.base import clock, concurrency, ids
from nova_lite.db.cell import devices, faults, instance_query, instances, models, tags
from nova_lite.db.databases import Databases
from nova_lite.db.engine import Tx
from nova_lite.domain import errors
from nova_lite.domain.devices import BlockDevice, DeviceAddress, FixedIp, Vif
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.instance import (
    Expect,
    Fault,
    Instance,
    InstancePatch,
    InstanceQuery,
)
from nova_lite.domain.states import PowerState, TaskState, VmState
from tests.fixtures.databases import CELL1

START = datetime(2020, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
TEMPLATE = "instance-%08x"


def server(number: int = 0, **more: Any) -> Instance:
    """Server number n is created n minutes after START."""
    moment = START + timedelta(minutes=number)
    values = {
        "uuid": ids.new_uuid(),
        "project_id": "p1",
        "user_id": "u1",
        "display_name": f"server {number}",
        "hostname": f"server-{number}",
        "flavor": Flavor(id=7, flavorid="m1", name="m1.small", vcpus=1, memory_mb=2, root_gb=3),
        "vm_state": VmState.ACTIVE,
        "created_at": moment,
        "updated_at": moment,
        **more,
    }
    return Instance(**values)


def put(databases: Databases, *values: Instance) -> list[Instance]:
    with databases.cell(CELL1) as tx:
        instances.insert(tx, values, TEMPLATE)
    return list(values)


def get(databases: Databases, uuid: str, **how: Any) -> Instance:
    with databases.read_cell(CELL1) as tx:
        return instances.get(tx, uuid, **how)


FULL = {
    "description": 'd with "quotes" and \\ and ü and \U0001f600',
    "task_state": TaskState.SPAWNING,
    "power_state": PowerState.RUNNING,
    "host": "h1",
    "node": "n1",
    "availability_zone": "nova",
    "pinned_availability_zone": "nova",
    "image_ref": "a2459075-d96c-40d5-893e-577ff92e721c",
    "image_properties": {"hw_disk_bus": "virtio", "min_ram": "0"},
    "kernel_id": "k",
    "ramdisk_id": "r",
    "key_name": "key",
    "key_data": "ssh-rsa AAAA",
    "key_type": "ssh",
    "user_data": "dGVzdA==" * 5000,
    "config_drive": True,
    "metadata": {"a": "b", "ü": "ä"},
    "system_metadata": {"x": "y"},
    "tags": ["t1", "t2"],
    "security_groups": ["default"],
    "auto_disk_config": True,
    "access_ip_v4": "10.0.0.1",
    "access_ip_v6": "fe80::1",
    "root_device_name": "/dev/vda",
    "launch_index": 3,
    "reservation_id": "r-12345678",
    "locked_by": "admin",
    "locked_reason": "because",
    "progress": 50,
    "trusted_certs": ["c1"],
    "scheduler_hints": {"group": "g", "list": ["a", {"b": 1}]},
    "launched_at": START,
    "vifs": [
        Vif(
            port_id="p",
            network_id="n",
            mac="fa:16:3e:00:00:01",
            fixed_ips=[FixedIp(address="10.0.0.4")],
            details={"bridge": "br0"},
        )
    ],
}


def test_instances_everything_comes_back(databases: Databases) -> None:
    made = server(**FULL)
    made = msgspec.structs.replace(
        made,
        block_devices=[
            BlockDevice(
                uuid=ids.new_uuid(),
                instance_uuid=made.uuid,
                source_type="volume",
                destination_type="volume",
                volume_id=ids.new_uuid(),
                boot_index=0,
                connection_info={"driver_volume_type": "local"},
            )
        ],
    )
    put(databases, made)
    found = get(databases, made.uuid)
    assert found.id > 0
    assert found.guest_name == TEMPLATE % found.id
    assert msgspec.structs.replace(found, id=0, guest_name="") == made


def test_instances_many_are_inserted_at_once(databases: Databases) -> None:
    made = [server(n, tags=[f"t{n}"]) for n in range(30)]
    with databases.cell(CELL1) as tx:
        numbers = instances.insert(tx, made, TEMPLATE)
    assert set(numbers) == {one.uuid for one in made}
    assert len(set(numbers.values())) == 30
    assert get(databases, made[7].uuid).tags == ["t7"]


@pytest.mark.parametrize(
    ("template", "expected"),
    [("instance-%08x", "instance-0000001f"), ("vm-%(uuid)s", "vm-u"), ("%(id)d", "31"), ("x", "x")],
)
def test_instances_guest_names(template: str, expected: str) -> None:
    assert instances.guest_name(template, 31, "u") == expected


def test_instances_the_name_template_is_that_of_the_creation(databases: Databases) -> None:
    made = server()
    with databases.cell(CELL1) as tx:
        instances.insert(tx, [made], "vm-%(uuid)s")
    assert get(databases, made.uuid).guest_name == f"vm-{made.uuid}"


# --- patches ------------------------------------------------------------------------------------


def test_instances_a_patch_writes_what_it_names(databases: Databases) -> None:
    (made,) = put(databases, server(**{**FULL, "tags": []}))
    change = InstancePatch(
        task_state=None,
        vm_state=VmState.PAUSED,
        power_state=PowerState.PAUSED,
        host=None,
        metadata={"new": "one"},
        locked_reason=None,
        system_metadata={},
        vifs=[],
    )
    with databases.cell(CELL1) as tx:
        assert instances.patch(tx, [made.uuid], change) == 1
    found = get(databases, made.uuid)
    assert found.updated_at is not None and found.updated_at > START
    same = {"id": 0, "guest_name": "", "updated_at": made.updated_at}
    expected = msgspec.structs.replace(
        made,
        task_state=None,
        vm_state=VmState.PAUSED,
        power_state=PowerState.PAUSED,
        host=None,
        metadata={"new": "one"},
        locked_reason=None,
        system_metadata={},
        vifs=[],
    )
    assert msgspec.structs.replace(found, **same) == expected


def test_instances_every_field_of_a_patch_can_be_written(databases: Databases) -> None:
    (made,) = put(databases, server())
    for name in InstancePatch.__struct_fields__:
        value = FULL.get(name, START if name.endswith("_at") else getattr(made, name))
        with databases.cell(CELL1) as tx:
            assert instances.patch(tx, [made.uuid], InstancePatch(**{name: value})) == 1
        assert getattr(get(databases, made.uuid), name) == value, name


def test_instances_a_patch_of_several(databases: Databases) -> None:
    made = put(databases, server(1), server(2), server(3))
    with databases.cell(CELL1) as tx:
        reached = instances.patch(tx, [made[0].uuid, made[1].uuid], InstancePatch(host="h9"))
    assert reached == 2
    assert [get(databases, one.uuid).host for one in made] == ["h9", "h9", None]


def test_instances_update_if_what_was_expected(databases: Databases) -> None:
    (made,) = put(databases, server(host="h1"))
    expect = Expect(
        vm_states=[VmState.ACTIVE, VmState.ERROR],
        task_states=[None, TaskState.REBOOTING],
        host="h1",
    )
    with databases.cell(CELL1) as tx:
        instances.update_if(tx, made.uuid, expect, InstancePatch(task_state=TaskState.PAUSING))
    assert get(databases, made.uuid).task_state is TaskState.PAUSING
    with databases.cell(CELL1) as tx, pytest.raises(errors.InstanceChanged) as changed:
        instances.update_if(tx, made.uuid, expect, InstancePatch(task_state=None))
    assert changed.value.values["actual"] == ["active", "pausing", "h1"]
    with databases.cell(CELL1) as tx, pytest.raises(errors.InstanceNotFound):
        instances.update_if(tx, ids.new_uuid(), expect, InstancePatch())


def test_instances_one_of_many_swaps_wins(databases: Databases) -> None:
    (made,) = put(databases, server())

    def swap(number: int) -> bool:
        def write(tx: Tx) -> None:
            expect = Expect(task_states=[None])
            patch = InstancePatch(task_state=TaskState.PAUSING, locked_by=str(number))
            instances.update_if(tx, made.uuid, expect, patch)

        try:
            databases.run_cell(CELL1, write)
        except errors.InstanceChanged:
            return False
        return True

    tasks = [concurrency.spawn(swap, number) for number in range(12)]
    assert sorted(task.wait(30) for task in tasks) == [False] * 11 + [True]


def test_instances_documents_are_not_lost_when_patched_at_once(databases: Databases) -> None:
    """Two fields of one document, written at the same time."""
    (made,) = put(databases, server())

    def write(number: int) -> None:
        patch = (
            InstancePatch(locked_reason="kept")
            if number % 2
            else InstancePatch(system_metadata={"kept": "too"})
        )
        databases.run_cell(CELL1, lambda tx: instances.patch(tx, [made.uuid], patch))

    tasks = [concurrency.spawn(write, number) for number in range(10)]
    for task in tasks:
        task.wait(30)
    found = get(databases, made.uuid)
    assert (found.locked_reason, found.system_metadata) == ("kept", {"kept": "too"})


# --- deletion, faults, tags -----------------------------------------------------------------------


def test_instances_a_deleted_one_stays_as_a_row(databases: Databases) -> None:
    (made,) = put(databases, server(tags=["t"], task_state=TaskState.DELETING))
    with databases.cell(CELL1) as tx:
        assert instances.soft_delete(tx, made.uuid)
        assert not instances.soft_delete(tx, made.uuid)
        assert tags.of(tx, [made.uuid]) == {}
    with pytest.raises(errors.InstanceNotFound):
        get(databases, made.uuid)
    found = get(databases, made.uuid, deleted=None)
    assert (found.deleted, found.vm_state, found.task_state) == (True, VmState.DELETED, None)
    assert found.deleted_at is not None and found.terminated_at is not None
    with databases.read_cell(CELL1) as tx:
        row = tx.execute(sa.select(models.instances.c.deleted)).scalar()
    assert row == found.id


def test_instances_the_newest_fault_is_shown_in_error_only(databases: Databases) -> None:
    (made,) = put(databases, server())
    with databases.cell(CELL1) as tx:
        for number in range(3):
            fault = Fault(code=500, message=f"m{number}" + "x" * 300, created_at=clock.now())
            faults.insert(tx, made.uuid, fault, {"reason": str(number)})
        instances.patch(tx, [made.uuid], InstancePatch(), fault=True)
    assert get(databases, made.uuid).fault is None
    with databases.cell(CELL1) as tx:
        instances.patch(tx, [made.uuid], InstancePatch(vm_state=VmState.ERROR))
        assert faults.latest_data(tx, made.uuid) == {"reason": "2"}
    fault = get(databases, made.uuid).fault
    assert fault is not None and fault.message.startswith("m2") and len(fault.message) == 255


def test_instances_lists_ask_child_tables_only_where_needed(databases: Databases) -> None:
    put(databases, *(server(n) for n in range(5)))
    asked: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    engine = databases.cell_database(CELL1).engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        with databases.read_cell(CELL1) as tx:
            rows = instance_query.page(tx, InstanceQuery(project_id="p1"))
            instances.texts(tx, rows, {})
        assert len(asked) == 1
        asked.clear()
        put(databases, server(9, tags=["t"]), server(10, tags=["t"]))
        asked.clear()
        with databases.read_cell(CELL1) as tx:
            rows = instance_query.page(tx, InstanceQuery(project_id="p1"))
            instances.texts(tx, rows, {})
        assert len(asked) == 2
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_instances_an_old_document_is_lifted(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = put(databases, server(locked_reason="new words"))
    with databases.cell(CELL1) as tx:
        text = tx.scalar(sa.select(models.instances.c.data))
        document = {**msgspec.json.decode(text), "schema": 0, "why": "old words"}
        del document["locked_reason"]
        old = msgspec.json.encode(document).decode()
        tx.execute(models.instances.update().values(data=old))

    def lift(found: dict[str, Any]) -> dict[str, Any]:
        reason = found.pop("why")
        return {**found, "schema": 1, "locked_reason": reason}

    monkeypatch.setitem(instances.LIFTS, 0, lift)
    assert get(databases, made.uuid).locked_reason == "old words"
    with databases.cell(CELL1) as tx:
        instances.patch(tx, [made.uuid], InstancePatch(system_metadata={"a": "b"}))
    assert get(databases, made.uuid).locked_reason == "old words"


def test_instances_of_a_host(databases: Databases) -> None:
    made = put(databases, server(1, host="h1"), server(2, host="h2"), server(3, host="h1"))
    with databases.cell(CELL1) as tx:
        instances.soft_delete(tx, made[2].uuid)
        assert [one.uuid for one in instances.of_host(tx, "h1")] == [made[0].uuid]
        assert instances.locked_hosts(tx, [one.uuid for one in made]) == {
            made[0].uuid: "h1",
            made[1].uuid: "h2",
        }


def test_instances_names(databases: Databases) -> None:
    put(databases, server(1, display_name="Web"))
    with databases.read_cell(CELL1) as tx:
        assert instances.name_is_taken(tx, "web", "p1")
        assert instances.name_is_taken(tx, "WEB", None)
        assert not instances.name_is_taken(tx, "web", "p2")


def test_devices_are_replaced(databases: Databases) -> None:
    device = BlockDevice(
        uuid=ids.new_uuid(), instance_uuid="", source_type="blank", destination_type="volume"
    )
    made = server()
    device = msgspec.structs.replace(device, instance_uuid=made.uuid)
    put(databases, msgspec.structs.replace(made, block_devices=[device]))
    changed = msgspec.structs.replace(device, volume_id=ids.new_uuid(), volume_size=3)
    with databases.cell(CELL1) as tx:
        devices.replace(tx, [changed])
        devices.replace(tx, [changed])
    assert get(databases, made.uuid).block_devices == [changed]


# --- what is read, changed and written in one transaction --------------------------------------


def change_at_once(databases: Databases, count: int, change: Any) -> None:
    """`change(tx, number)` in so many transactions at the same time."""

    def run(number: int) -> None:
        cell = databases.get_cell(CELL1)
        databases.run_cell(cell, lambda tx: change(tx, number))

    tasks = [concurrency.spawn(run, number) for number in range(count)]
    for task in tasks:
        task.wait(30)


def test_changes_of_interfaces_at_once_all_count(databases: Databases) -> None:
    (one,) = put(databases, server())

    def add(tx: Tx, number: int) -> None:
        vif = Vif(port_id=f"p{number}", network_id="n", mac="fa:16:3e:00:00:01")
        instances.change_vifs(tx, one.uuid, lambda old: [*old, vif])

    change_at_once(databases, 12, add)
    assert {vif.port_id for vif in get(databases, one.uuid).vifs} == {f"p{n}" for n in range(12)}
    with databases.cell(CELL1) as tx, pytest.raises(errors.InstanceNotFound):
        instances.change_vifs(tx, ids.new_uuid(), lambda old: old)


def test_changes_of_addresses_at_once_all_count(databases: Databases) -> None:
    (one,) = put(databases, server(user_data="dGVzdA=="))

    def add(tx: Tx, number: int) -> None:
        at = DeviceAddress(bus="pci", address="0000:00:03.0", mac=f"m{number}")
        instances.change_device_addresses(tx, one.uuid, lambda old: [*old, at])

    change_at_once(databases, 12, add)
    found = get(databases, one.uuid)
    assert {at.mac for at in found.device_addresses} == {f"m{n}" for n in range(12)}
    assert found.user_data == "dGVzdA=="
    with databases.cell(CELL1) as tx, pytest.raises(errors.InstanceNotFound):
        instances.change_device_addresses(tx, ids.new_uuid(), lambda old: old)


def test_changes_of_metadata_at_once_all_count(databases: Databases) -> None:
    (one,) = put(databases, server(metadata={"kept": "yes"}))

    def add(tx: Tx, number: int) -> None:
        instances.change_metadata(tx, one.uuid, lambda old: {**old, f"k{number}": "v"})

    change_at_once(databases, 12, add)
    metadata = get(databases, one.uuid).metadata
    assert len(metadata) == 13 and metadata["kept"] == "yes"


def test_changes_of_tags_at_once_all_count(databases: Databases) -> None:
    (one,) = put(databases, server())

    def add(tx: Tx, number: int) -> None:
        instances.change_tags(tx, one.uuid, lambda old: [*old, f"t{number:02}"])

    change_at_once(databases, 12, add)
    assert get(databases, one.uuid).tags == [f"t{number:02}" for number in range(12)]
    with databases.cell(CELL1) as tx:
        before, after = instances.change_tags(tx, one.uuid, lambda old: [])
    assert (len(before), after) == (12, [])
    assert get(databases, one.uuid).tags == []
