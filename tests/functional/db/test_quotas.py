# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.base import clock, concurrency, ids
from nova_lite.db.api import instance_mappings, quotas
from nova_lite.db.api.instance_mappings import InstanceMapping
from nova_lite.db.databases import Databases
from nova_lite.domain import errors
from tests.fixtures.databases import CELL1

OPTIONS = {"instances": 10, "cores": 20, "ram": 51200, "key_pairs": 100}
ONE = {"instances": 1, "cores": 2, "ram": 512}


def mapping(project: str = "p", user: str = "u") -> InstanceMapping:
    return InstanceMapping(
        instance_uuid=ids.new_uuid(),
        cell=CELL1,
        project_id=project,
        user_id=user,
        cores=2,
        ram=512,
        created_at=clock.now(),
    )


def create(databases: Databases, limits: dict[str, int], **more: object) -> InstanceMapping:
    """As a create request does it: intent first, quota last."""
    made = mapping()
    cell = databases.get_cell(CELL1)

    def write(tx):
        instance_mappings.create(tx, cell, [made])
        quotas.consume(tx, "p", made.amounts, limits, **more)

    databases.run_api(write)
    return made


def used(databases: Databases) -> dict[str, int]:
    with databases.read_api() as tx:
        said, counted = quotas.recount(tx, "p")
    assert said == counted
    return said


def test_consume_and_release(databases: Databases) -> None:
    made = create(databases, OPTIONS)
    assert used(databases) == ONE
    with databases.api() as tx:
        assert instance_mappings.mark_deleted(tx, made.instance_uuid)
        quotas.release(tx, "p", made.amounts)
    with databases.api() as tx:
        assert instance_mappings.mark_deleted(tx, made.instance_uuid) is None
    assert used(databases) == {"instances": 0, "cores": 0, "ram": 0}


def test_refusal_has_the_words_and_writes_nothing(databases: Databases) -> None:
    create(databases, OPTIONS)
    with pytest.raises(errors.OverQuota) as caught:
        create(databases, {**OPTIONS, "cores": 3, "ram": 600})
    assert caught.value.message == (
        "Quota exceeded for cores, ram: Requested 2, 512, but already used 2, 512 of 3, 600 "
        "cores, ram"
    )
    assert used(databases) == ONE


def test_unlimited(databases: Databases) -> None:
    for _ in range(3):
        create(databases, {"instances": -1, "cores": -1, "ram": -1})
    assert used(databases)["instances"] == 3


def test_release_never_goes_below_zero(databases: Databases) -> None:
    create(databases, OPTIONS)
    with databases.api() as tx:
        quotas.release(tx, "p", {"instances": 5, "cores": 50, "ram": 5000})
        assert quotas.usage(tx, "p") == {"instances": 0, "cores": 0, "ram": 0}
        assert quotas.repair(tx, "p")
        assert not quotas.repair(tx, "p")
    assert used(databases) == ONE


def test_limits_of_a_user_inside_a_project(databases: Databases) -> None:
    own = {"user_id": "u", "user_limits": {"instances": 1}}
    create(databases, OPTIONS, **own)
    with pytest.raises(errors.OverQuota):
        create(databases, OPTIONS, **own)
    assert used(databases)["instances"] == 1


@pytest.mark.parametrize("own", [{}, {"user_id": "u", "user_limits": {"instances": 20}}])
def test_exact_when_many_create_at_once(databases: Databases, own: dict) -> None:
    limits = {"instances": 50 if own else 20, "cores": -1, "ram": -1}
    refused: list[str] = []
    pool = concurrency.Pool(50)

    def one() -> None:
        try:
            create(databases, limits, **own)
        except errors.OverQuota as error:
            refused.append(error.code)

    for task in [pool.submit(one) for _ in range(50)]:
        task.wait(120)
    pool.stop()
    assert len(refused) == 30
    assert used(databases)["instances"] == 20


def test_which_limit_counts(databases: Databases) -> None:
    with databases.api() as tx:
        assert quotas.limits(tx, "p", "u", OPTIONS) == (OPTIONS, {})
        quotas.set_class_limits(tx, "default", {"instances": 11, "cores": 21})
        quotas.set_limits(tx, "p", None, {"instances": 12})
        quotas.set_limits(tx, "p", "u", {"instances": 5})
        quotas.set_limits(tx, "p", "u", {"instances": 6})
    with databases.read_api() as tx:
        project, user = quotas.limits(tx, "p", "u", OPTIONS)
        assert project == {**OPTIONS, "instances": 12, "cores": 21}
        assert user == {"instances": 6}
        assert quotas.limits(tx, "other", "u", OPTIONS)[0]["instances"] == 11
    with databases.api() as tx:
        quotas.delete_limits(tx, "p", "u")
        assert quotas.limits(tx, "p", "u", OPTIONS)[1] == {}
        quotas.delete_limits(tx, "p")
        assert quotas.limits(tx, "p", "u", OPTIONS)[0]["instances"] == 11
