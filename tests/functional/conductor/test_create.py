# SPDX-License-Identifier: Apache-2.0
"""What is looked up before servers are created, and what is refused with nothing written."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from nova_lite.db.api import flavors, quotas
from nova_lite.db.api import models as api_models
from nova_lite.db.cell import models
from nova_lite.domain import errors
from nova_lite.domain.devices import NetworkWish
from nova_lite.domain.instance import InstanceChanges
from nova_lite.domain.keypair import Keypair
from nova_lite.domain.states import VmState
from tests.fixtures.conducting import ADMIN_CONTEXT, PROJECT, SMALL, USER, Cloud, a_context
from tests.functional.flows.conftest import cloud, make_cloud  # noqa: F401

NOTHING = "00000000-0000-4000-8000-000000000999"


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ({"flavor_ref": "9"}, errors.Invalid, "Flavor 9 could not be found."),
        ({"image_ref": NOTHING}, errors.Invalid, "Can not find requested image"),
        ({"key_name": "k"}, errors.Invalid, "Invalid key_name provided."),
        (
            {"availability_zone": "mars"},
            errors.Invalid,
            "The requested availability zone is not available",
        ),
        ({"requested_host": "h9"}, errors.Invalid, "Compute host h9 could not be found."),
        (
            {"networks": [NetworkWish(uuid=NOTHING)]},
            errors.Invalid,
            f"Network {NOTHING} could not be found.",
        ),
        (
            {"min_count": 3, "max_count": 3},
            errors.OverQuota,
            "Quota exceeded for instances: Requested 3, but already used 0 of 2 instances",
        ),
    ],
)
def test_what_is_refused_leaves_nothing(
    make_cloud: Callable[..., Cloud],  # noqa: F811
    asked: dict[str, Any],
    kind: type[errors.NovaLiteError],
    message: str,
) -> None:
    cloud = make_cloud(quota__instances=2)  # noqa: F811
    cloud.process()
    with pytest.raises(kind) as refused:
        cloud.create(**asked)
    assert refused.value.message == message
    assert cloud.rows(api_models.instance_mappings, None) == []
    assert cloud.rows(api_models.request_specs, None) == []
    assert cloud.rows(models.instances) == []
    with cloud.databases.read_api() as tx:
        assert quotas.usage(tx, PROJECT)["instances"] == 0


def test_a_private_flavor_is_for_those_who_have_access(cloud: Cloud) -> None:  # noqa: F811
    with cloud.databases.api() as tx:
        flavors.create(tx, replace(SMALL, flavorid="2", name="private", is_public=False))
    with pytest.raises(errors.Invalid, match="Flavor 2 could not be found"):
        cloud.create(flavor_ref="2")
    cloud.create(flavor_ref="2", context=replace(ADMIN_CONTEXT, project_id=PROJECT))
    cloud.processes[0].add_flavor_access(ADMIN_CONTEXT, flavorid="2", project_id=PROJECT)
    cloud.create(flavor_ref="2")


def test_a_keypair_goes_with_the_server(cloud: Cloud) -> None:  # noqa: F811
    keypair = Keypair(name="k", user_id=USER, public_key="ssh-rsa AAAA", fingerprint="f")
    cloud.processes[0].create_keypair(a_context(), keypair=keypair)
    server = cloud.get(cloud.create(key_name="k").uuids[0])
    assert (server.key_name, server.key_data, server.key_type) == ("k", "ssh-rsa AAAA", "ssh")


def test_a_zone_that_is_there(cloud: Cloud) -> None:  # noqa: F811
    uuid = cloud.create(availability_zone="nova").uuids[0]
    assert cloud.wait(uuid, VmState.ACTIVE).pinned_availability_zone == "nova"
    assert cloud.scheduler.requests[0].spec.availability_zone == "nova"


@pytest.mark.parametrize(("scope", "other"), [("project", True), ("global", False)])
def test_unique_names(
    make_cloud: Callable[..., Cloud],  # noqa: F811
    scope: str,
    other: bool,
) -> None:
    cloud = make_cloud(osapi_compute_unique_server_name_scope=scope)  # noqa: F811
    process = cloud.process()
    cloud.create(name="Web")
    with pytest.raises(errors.InstanceExists, match="Instance web already exists"):
        cloud.create(name="web")
    elsewhere = replace(a_context(), project_id="another")
    if other:
        cloud.create(name="web", context=elsewhere)
    else:
        with pytest.raises(errors.InstanceExists):
            cloud.create(name="web", context=elsewhere)
    uuid = cloud.create(name="db").uuids[0]
    process.update_instance(a_context(), uuid=uuid, changes=InstanceChanges(display_name="DB"))
    with pytest.raises(errors.InstanceExists):
        process.update_instance(a_context(), uuid=uuid, changes=InstanceChanges(display_name="WEB"))


def test_the_limit_of_a_user_in_the_project(cloud: Cloud) -> None:  # noqa: F811
    cloud.processes[0].set_quota(
        ADMIN_CONTEXT, project_id=PROJECT, user_id=None, limits={"instances": 10}
    )
    cloud.processes[0].set_quota(
        ADMIN_CONTEXT, project_id=PROJECT, user_id=USER, limits={"instances": 1}
    )
    cloud.create()
    with pytest.raises(errors.OverQuota, match="already used 1 of 1 instances"):
        cloud.create()
    cloud.create(context=replace(a_context(), user_id="another"))


def test_nobody_counts_where_quota_is_off(make_cloud: Callable[..., Cloud]) -> None:  # noqa: F811
    cloud = make_cloud(  # noqa: F811
        quota__driver="nova.quota.NoopQuotaDriver", quota__instances=1
    )
    cloud.process()
    assert len(cloud.create(min_count=3, max_count=3).uuids) == 3


def test_a_server_without_compute_cells_goes_to_cell0(cloud: Cloud) -> None:  # noqa: F811
    with cloud.databases.api() as tx:
        tx.execute(api_models.cell_mappings.update().values(disabled=True))
    cloud.databases.cells(fresh=True)
    cloud.scheduler.picks = []
    uuid = cloud.create().uuids[0]
    server = cloud.wait(uuid, VmState.ERROR)
    assert server.fault is not None and "No valid host" in server.fault.message
    assert cloud.rows(models.instances) == []


def test_changes_of_a_server(cloud: Cloud) -> None:  # noqa: F811
    uuid = cloud.create(description="before").uuids[0]
    cloud.wait(uuid, VmState.ACTIVE)
    process = cloud.processes[0]
    changed = process.update_instance(
        a_context(),
        uuid=uuid,
        changes=InstanceChanges(
            display_name="new",
            description=None,
            hostname="h",
            access_ip_v4="10.0.0.1",
            auto_disk_config=True,
            pinned_availability_zone="nova",
        ),
    )
    assert changed == cloud.get(uuid)
    assert (changed.display_name, changed.description, changed.hostname) == ("new", None, "h")
    assert (changed.access_ip_v4, changed.auto_disk_config) == ("10.0.0.1", True)
    assert changed.pinned_availability_zone == "nova"
    with pytest.raises(errors.InstanceNotFound):
        process.update_instance(
            replace(a_context(), project_id="another"), uuid=uuid, changes=InstanceChanges()
        )
