# SPDX-License-Identifier: Apache-2.0
import datetime as dt
from typing import Any

import pytest

from nova_lite.api.resources.servers import policy
from nova_lite.api.resources.servers.filters import Nothing, query_of
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors
from nova_lite.domain.instance import InstanceQuery
from nova_lite.domain.states import TaskState, VmState
from tests.fixtures.api_request import ADMIN, MEMBER, check_query, make_request


def query(
    text: str = "", version: int = 104, context: RequestContext = MEMBER, **options: Any
) -> InstanceQuery:
    request = make_request(version, text, context=context, **options)
    return query_of(request, policy.INDEX_ALL)


def test_nothing_asked() -> None:
    assert query() == InstanceQuery(
        project_id="p1", sort=[("created_at", "desc"), ("id", "desc")], limit=1000
    )


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("flavor=1", {"flavorid": "1"}),
        ("image=i", {"image_ref": "i"}),
        ("reservation_id=r-1", {"reservation_id": "r-1"}),
        ("availability_zone=z&key_name=k", {"availability_zone": "z", "key_name": "k"}),
        ("power_state=1&config_drive=true", {"power_state": 1, "config_drive": True}),
        ("locked=true", {"locked": True}),
        ("hostname=h", {"hostname": "h"}),
        ("flavor=1&flavor=2", {"flavorid": ["1", "2"]}),
        # not for this caller: not looked at
        ("host=h&node=n&deleted=true&uuid=u", {}),
    ],
)
def test_exact_filters(text: str, filters: dict[str, Any]) -> None:
    assert query(text).filters == filters


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("ip6=x", 5),
        ("tags=a", 26),
        ("changes-before=2026-01-01", 66),
        ("locked=true", 73),
        ("key_name=k", 83),
        ("user_id=u", 83),
        ("hostname=h", 90),
    ],
)
def test_filters_for_all_since(text: str, since: int) -> None:
    plain = query("", since)
    before, after = query(text, since - 1), query(text, since)
    assert before == query("", since - 1)
    assert after != plain


def test_admins_may_use_every_filter() -> None:
    found = query("host=h&node=n&uuid=u&deleted=true&launch_index=2", context=ADMIN)
    assert found.filters == {"host": "h", "node": "n", "uuid": "u", "launch_index": 2}
    assert found.deleted is True


def test_patterns() -> None:
    found = query("name=web&ip=10.0&ip6=fe80", context=ADMIN)
    assert found.matches == {"display_name": "web", "ip": "10.0", "ip6": "fe80"}


@pytest.mark.parametrize("text", ["_x=1", "metadata=a", "pci_devices=1", "info_cache=1"])
def test_joined_tables_are_refused(text: str) -> None:
    with pytest.raises(errors.Invalid):
        query(text, context=ADMIN)


@pytest.mark.parametrize("text", ["power_state=x", "config_drive=perhaps", "created_at=x"])
def test_values_of_another_kind_are_refused(text: str) -> None:
    with pytest.raises(errors.Invalid):
        query(text)


# --- projects ---------------------------------------------------------------------------------


def test_the_own_project_whatever_is_asked() -> None:
    assert query("tenant_id=p2&project_id=p2", context=ADMIN).project_id == "admins"


@pytest.mark.parametrize(
    ("text", "project"),
    [
        ("all_tenants=1", None),
        ("all_tenants", None),
        ("all_tenants=true&tenant_id=p2", "p2"),
        ("all_tenants=1&project_id=p3", "p3"),
        ("all_tenants=0", "admins"),
    ],
)
def test_all_tenants(text: str, project: str | None) -> None:
    assert query(text, context=ADMIN).project_id == project


def test_all_tenants_is_not_for_members() -> None:
    with pytest.raises(errors.PolicyNotAuthorized) as caught:
        query("all_tenants=1")
    assert caught.value.values["rule"] == policy.INDEX_ALL
    assert query("all_tenants=0").project_id == "p1"
    with pytest.raises(errors.Invalid):
        query("all_tenants=maybe")


# --- states -----------------------------------------------------------------------------------


def test_status() -> None:
    found = query("status=reboot").states
    assert found is not None
    ((vm_state, tasks),) = found
    assert vm_state is VmState.ACTIVE
    assert set(tasks) == {TaskState.REBOOTING, TaskState.REBOOT_PENDING, TaskState.REBOOT_STARTED}


def test_several_statuses() -> None:
    states = query("status=SHUTOFF&status=error&status=nix").states
    assert {vm_state for vm_state, _ in states or ()} == {VmState.STOPPED, VmState.ERROR}


def test_an_unknown_status() -> None:
    with pytest.raises(Nothing):
        query("status=nix", 37)
    with pytest.raises(errors.Invalid):
        query("status=nix", 38)


def test_status_deleted_is_for_administrators() -> None:
    with pytest.raises(errors.Forbidden):
        query("status=deleted")
    assert query("status=deleted", context=ADMIN).deleted is True


def test_soft_deleted_ones_are_found_by_their_status() -> None:
    assert query("status=soft_deleted").soft_deleted is True
    assert query("").soft_deleted is False


def test_changes_show_deleted_ones() -> None:
    found = query("changes-since=2026-01-31T10:00:00Z&changes-before=2026-02-01")
    assert found.deleted is None
    assert found.changes_since == dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)
    assert found.changes_before == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    assert query("changes-since=2026-01-31&deleted=false", context=ADMIN).deleted is False


def test_changes_the_wrong_way_round() -> None:
    with pytest.raises(errors.Invalid):
        query("changes-since=2026-02-01&changes-before=2026-01-31")


def test_tags() -> None:
    found = query("tags=a,b&tags-any=c&not-tags=d,e&not-tags-any=f")
    assert (found.tags_all, found.tags_any) == (["a", "b"], ["c"])
    assert (found.not_tags_all, found.not_tags_any) == (["d", "e"], ["f"])


# --- order and pages -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("sort_dir=asc", [("created_at", "asc"), ("id", "asc")]),
        (
            "sort_key=display_name",
            [("display_name", "desc"), ("created_at", "desc"), ("id", "desc")],
        ),
        (
            "sort_key=display_name&sort_dir=asc&sort_key=created_at&sort_dir=desc",
            [("display_name", "asc"), ("created_at", "desc"), ("id", "asc")],
        ),
        (
            "sort_key=display_description&sort_key=locked&sort_dir=asc",
            [
                ("description", "asc"),
                ("locked_by", "asc"),
                ("created_at", "asc"),
                ("id", "asc"),
            ],
        ),
    ],
)
def test_sort(text: str, sort: list[tuple[str, str]]) -> None:
    assert query(text).sort == sort


@pytest.mark.parametrize("text", ["sort_dir=up", "sort_key=uuid&sort_dir=asc&sort_dir=asc"])
def test_bad_sort(text: str) -> None:
    with pytest.raises(errors.Invalid):
        query(text)


@pytest.mark.parametrize("key", ["metadata", "nix", "name"])
def test_sort_keys_that_do_not_exist(key: str) -> None:
    with pytest.raises(errors.Invalid):
        check_query("servers.list", 104, f"sort_key={key}")
    with pytest.raises(errors.Invalid):
        check_query("servers.list", 1, f"sort_key={key}")


@pytest.mark.parametrize("key", ["host", "node"])
def test_sort_keys_of_administrators(key: str) -> None:
    with pytest.raises(errors.Forbidden):
        query(f"sort_key={key}")
    assert query(f"sort_key={key}", context=ADMIN).sort[0] == (key, "desc")


@pytest.mark.parametrize(
    ("text", "limit"), [("", 50), ("limit=10", 10), ("limit=1000", 50), ("limit=0", 0)]
)
def test_limit(text: str, limit: int) -> None:
    assert query(text, api__max_limit=50).limit == limit
