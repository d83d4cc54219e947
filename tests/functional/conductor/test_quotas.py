# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.conductor.handlers.quotas import QuotaHandlers
from nova_lite.db.api import instance_mappings
from nova_lite.db.api import quotas as repository
from nova_lite.domain import errors, quota
from tests.fixtures.databases import CELL1
from tests.functional.db.test_quotas import mapping


@pytest.fixture
def quotas(deps) -> QuotaHandlers:
    return QuotaHandlers(deps)


def take(databases, count: int) -> None:
    servers = [mapping("p1", "alice") for _ in range(count)]
    with databases.api() as tx:
        instance_mappings.create(tx, databases.get_cell(CELL1), servers)
        amounts = {"instances": count, "cores": 2 * count, "ram": 512 * count}
        repository.consume(tx, "p1", amounts, {})


def limits(found) -> dict[str, int]:
    return {name: item.limit for name, item in found.items.items()}


def test_defaults_come_from_the_options(quotas, alice, conf) -> None:
    conf.set_override("injected_file_path_length", 77, "quota")
    found = quotas.get_quota_defaults(alice)
    assert tuple(found) == quota.NAMES
    assert (found["instances"], found["ram"], found["injected_file_path_bytes"]) == (10, 51200, 77)


def test_the_default_class_comes_before_the_options(quotas, admin, alice) -> None:
    assert quotas.set_quota_class(admin, name="default", limits={"cores": 5})["cores"] == 5
    assert quotas.get_quota_defaults(alice)["cores"] == 5
    assert limits(quotas.get_quota(alice, project_id="p1"))["cores"] == 5
    assert quotas.get_quota_class(admin, name="other")["cores"] == 20


def test_limits_and_use_of_project_and_user(quotas, admin, alice, databases) -> None:
    take(databases, 2)
    quotas.set_quota(admin, project_id="p1", user_id=None, limits={"instances": 7})
    quotas.set_quota(admin, project_id="p1", user_id="alice", limits={"instances": 3})
    project = quotas.get_quota(alice, project_id="p1").items
    assert (project["instances"].limit, project["instances"].in_use) == (7, 2)
    assert (project["cores"].in_use, project["ram"].in_use) == (4, 1024)
    user = quotas.get_quota(alice, project_id="p1", user_id="alice").items
    assert (user["instances"].limit, user["instances"].in_use) == (3, 2)
    other = quotas.get_quota(alice, project_id="p1", user_id="bob").items
    assert (other["instances"].limit, other["instances"].in_use) == (7, 0)
    quotas.delete_quota(admin, project_id="p1", user_id="alice")
    assert limits(quotas.get_quota(alice, project_id="p1", user_id="alice"))["instances"] == 7
    quotas.delete_quota(admin, project_id="p1")
    assert limits(quotas.get_quota(alice, project_id="p1"))["instances"] == 10


def test_refused_limits(quotas, admin, databases) -> None:
    take(databases, 4)

    def set_to(limit: int, user: str | None = None, **more: bool) -> None:
        quotas.set_quota(admin, project_id="p1", user_id=user, limits={"instances": limit}, **more)

    with pytest.raises(errors.QuotaInvalid, match="greater than or equal to already used"):
        set_to(3)
    set_to(3, force=True)
    set_to(-1)
    set_to(4)
    with pytest.raises(errors.QuotaInvalid, match="less than or equal to 4"):
        set_to(5, "alice")
    with pytest.raises(errors.QuotaInvalid, match="less than or equal to 4"):
        set_to(-1, "alice")
    with pytest.raises(errors.QuotaInvalid):
        set_to(-2)
    with pytest.raises(errors.QuotaInvalid):
        quotas.set_quota(admin, project_id="p1", user_id=None, limits={"bananas": 1})


def test_other_projects(quotas, bob) -> None:
    with pytest.raises(errors.Forbidden):
        quotas.get_quota(bob, project_id="p1")
    with pytest.raises(errors.Forbidden):
        quotas.set_quota(bob, project_id="p1", user_id=None, limits={})


def test_nobody_counts(quotas, alice, admin, conf) -> None:
    quotas.set_quota(admin, project_id="p1", user_id=None, limits={"instances": 7})
    conf.set_override("driver", "nova.quota.NoopQuotaDriver", "quota")
    assert set(limits(quotas.get_quota(alice, project_id="p1")).values()) == {-1}
    assert set(quotas.get_quota_defaults(alice).values()) == {-1}
