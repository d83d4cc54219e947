# SPDX-License-Identifier: Apache-2.0
"""What servers and their actions show, field by field, at every microversion.

server_fields.txt says which fields each call has since when, for an administrator.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nova_lite.api.actions.rebuild import Rebuilt
from nova_lite.api.pages import Page
from nova_lite.api.versions import HISTORY
from nova_lite.domain.devices import BlockDevice, FixedIp, Vif
from nova_lite.domain.events import ActionEvent, InstanceAction
from nova_lite.domain.instance import Fault, Instance, InstanceSummary
from nova_lite.domain.states import PowerState, VmState
from tests.fixtures.api_request import BY_NAME, MEMBER, make_request
from tests.fixtures.servers import make_flavor, make_instance

NOW = dt.datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=dt.UTC)
UUID = "6f70656e-7374-41b6-b2d6-e6f76612d6c0"
HINTS = (
    "group different_host same_host query target_cell different_cell build_near_host_ip cidr"
).split()

# Objects whose keys are the user's, or that have tests of their own.
OPEN = ("metadata", "addresses", "links", "extra_specs", "properties", "servers_links", "rules")


def server(**fields: Any) -> Instance:
    values: dict[str, Any] = {
        "uuid": UUID,
        "flavor": make_flavor(extra_specs={"a": "b"}),
        "vm_state": VmState.ACTIVE,
        "power_state": PowerState.RUNNING,
        "host": "h1",
        "node": "n1",
        "host_status": "UP",
        "image_ref": UUID,
        "image_properties": {"os": "x"},
        "metadata": {"k": "v"},
        "tags": ["t"],
        "security_groups": ["default"],
        "created_at": NOW,
        "updated_at": NOW,
        "launched_at": NOW,
        "scheduler_hints": dict.fromkeys(HINTS, "x"),
        "server_group": UUID,
        "vifs": [
            Vif(
                port_id="p",
                network_id="n",
                mac="fa:16:3e:00:00:01",
                label="net",
                fixed_ips=[FixedIp(address="10.0.0.5", floating_ips=["192.0.2.7"])],
            )
        ],
        "block_devices": [
            BlockDevice(
                uuid=UUID,
                instance_uuid=UUID,
                source_type="volume",
                destination_type="volume",
                volume_id=UUID,
            )
        ],
    }
    return make_instance(**{**values, **fields})


def failed() -> Instance:
    fault = Fault(code=500, message="m", details="d", created_at=NOW)
    return server(vm_state=VmState.ERROR, fault=fault)


def action() -> InstanceAction:
    event = ActionEvent(event="e", start_time=NOW, host="h1", details="d", traceback="t")
    return InstanceAction(
        action="create",
        instance_uuid=UUID,
        request_id="req-1",
        user_id="u",
        project_id="p",
        start_time=NOW,
        events=[event],
    )


def page(*items: Any) -> Page:
    return Page(items=items, limit=len(items))


# call of the file -> (route, values whose fields together are all that it can show)
CALLS: dict[str, tuple[str, list[Any]]] = {
    "GET /servers": (
        "servers.list",
        [
            page(InstanceSummary(uuid=UUID, display_name="n")),
            page(InstanceSummary(uuid=UUID, display_name="n", down=True)),
        ],
    ),
    "GET /servers/detail": ("servers.detail", [page(server()), page(failed())]),
    "GET /servers/{id}": ("servers.show", [server(), failed()]),
    "PUT /servers/{id}": ("servers.update", [server(), failed()]),
    "POST /servers/{id}/action rebuild": (
        "servers.action.rebuild",
        [Rebuilt(server=server(), admin_pass="x"), Rebuilt(server=failed(), admin_pass=None)],
    ),
    "GET /servers/{server_id}/os-instance-actions": ("actions.list", [page(action())]),
    "GET /servers/{server_id}/os-instance-actions/{id}": ("actions.show", [action()]),
}


def fields(value: Any, name: str = "") -> Iterator[str]:
    """Names of everything in a body: a.b, and a[].b inside of lists."""
    if name.split(".")[-1].removesuffix("[]") in OPEN:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            path = f"{name}.{key}" if name else key
            yield path
            yield from fields(inner, path)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{name}[]")


def expected() -> dict[str, dict[int, set[str]]]:
    """call -> version -> names of fields."""
    found: dict[str, dict[int, set[str]]] = {}
    lines = Path(__file__).with_name("server_fields.txt").read_text().splitlines()
    for line in lines:
        if line.startswith("== "):
            call, names, version = line[3:], set(), 0
            found[call] = {}
        elif line.startswith("2."):
            version = int(line[2:])
        elif line[:2] in ("+ ", "- "):
            (names.add if line[0] == "+" else names.discard)(line[2:])
        if line[:2] in ("2.", "+ ", "- "):
            found[call][version] = set(names)
    spread = {}
    for call, by_version in found.items():
        current: set[str] = set()
        spread[call] = {}
        for version in range(1, HISTORY.newest + 1):
            current = by_version.get(version, current)
            spread[call][version] = current
    return spread


EXPECTED = expected()


@pytest.mark.parametrize("call", CALLS)
def test_fields_at_every_version(call: str) -> None:
    route, values = CALLS[call]
    view = BY_NAME[route].view
    for version in range(1, HISTORY.newest + 1):
        shown: set[str] = set()
        for value in values:
            if isinstance(value, Page):
                if version < 69 and getattr(value.items[0], "down", False):
                    continue  # the handler leaves those out
                if version < 58 and route == "actions.list":
                    value = Page(items=value.items)  # the handler does not make pages yet
            shown |= set(fields(view.render(make_request(version), value)))
        assert shown == EXPECTED[call][version], f"2.{version}"


def test_flavor_before_and_after_it_was_embedded() -> None:
    view = BY_NAME["servers.show"].view
    before = view.render(make_request(46, project="p1"), server())["server"]["flavor"]
    assert before == {
        "id": "tiny",
        "links": [{"rel": "bookmark", "href": "http://cloud.example:8774/p1/flavors/tiny"}],
    }
    after = view.render(make_request(47), server())["server"]["flavor"]
    assert after == {
        "vcpus": 1,
        "ram": 64,
        "disk": 1,
        "ephemeral": 0,
        "swap": 0,
        "original_name": "tiny",
        "extra_specs": {"a": "b"},
    }


def test_addresses_of_an_updated_server() -> None:
    view = BY_NAME["servers.update"].view
    plain = view.render(make_request(74), server())["server"]["addresses"]
    assert plain == {
        "net": [{"version": 4, "addr": "10.0.0.5"}, {"version": 4, "addr": "192.0.2.7"}]
    }
    full = view.render(make_request(75), server())["server"]["addresses"]
    mac = {"OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01"}
    assert full == {
        "net": [
            {"version": 4, "addr": "10.0.0.5", "OS-EXT-IPS:type": "fixed", **mac},
            {"version": 4, "addr": "192.0.2.7", "OS-EXT-IPS:type": "floating", **mac},
        ]
    }


def test_an_owner_does_not_see_the_inner_attributes() -> None:
    view = BY_NAME["servers.show"].view
    shown = view.render(make_request(104, context=MEMBER), server())["server"]
    inner = {name for name in shown if name.startswith("OS-EXT-SRV-ATTR")}
    assert inner == {"OS-EXT-SRV-ATTR:hostname"}
    assert "host_status" not in shown
    older = view.render(make_request(89, context=MEMBER), server())["server"]
    assert not [name for name in older if name.startswith("OS-EXT-SRV-ATTR")]


def test_the_details_of_a_500_are_for_administrators() -> None:
    view = BY_NAME["servers.show"].view
    assert "details" in view.render(make_request(), failed())["server"]["fault"]
    shown = view.render(make_request(context=MEMBER), failed())["server"]["fault"]
    assert shown == {"code": 500, "message": "m", "created": "2026-01-31T12:00:00Z"}


@pytest.mark.parametrize(
    ("state", "has"), [(VmState.ACTIVE, True), (VmState.STOPPED, False), (VmState.ERROR, False)]
)
def test_progress_is_shown_in_some_states(state: VmState, has: bool) -> None:
    view = BY_NAME["servers.show"].view
    assert ("progress" in view.render(make_request(), server(vm_state=state))["server"]) is has


def test_values() -> None:
    bare = server(
        image_ref=None,
        host=None,
        security_groups=[],
        config_drive=True,
        launched_at=None,
        vifs=[],
        deleted=True,
    )
    shown = BY_NAME["servers.show"].view.render(make_request(), bare)["server"]
    assert shown["image"] == "" and shown["hostId"] == "" and shown["config_drive"] == "True"
    assert shown["addresses"] == {} and shown["OS-SRV-USG:launched_at"] is None
    assert shown["status"] == "DELETED" and shown["OS-EXT-STS:vm_state"] == "deleted"
    assert shown["created"] == "2026-01-31T12:00:00Z"
    assert "security_groups" not in shown
    full = BY_NAME["servers.show"].view.render(make_request(), server())["server"]
    assert full["OS-SRV-USG:launched_at"] == "2026-01-31T12:00:00.123456"
    assert len(full["hostId"]) == 56


def test_events_of_an_action_before_2_51_are_for_administrators() -> None:
    view = BY_NAME["actions.show"].view
    assert "events" not in view.render(make_request(50, context=MEMBER), action())["instanceAction"]
    shown = view.render(make_request(51, context=MEMBER), action())["instanceAction"]["events"][0]
    assert shown == {
        "event": "e",
        "start_time": "2026-01-31T12:00:00.123456",
        "finish_time": None,
        "result": None,
    }
