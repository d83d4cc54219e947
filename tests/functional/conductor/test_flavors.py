# SPDX-License-Identifier: Apache-2.0
import msgspec
import pytest

from nova_lite.conductor.handlers.flavors import FlavorHandlers
from nova_lite.domain import errors
from nova_lite.domain.flavor import Flavor, FlavorQuery


@pytest.fixture
def flavors(deps) -> FlavorHandlers:
    return FlavorHandlers(deps)


def flavor(name: str, **more: object) -> Flavor:
    values = {"flavorid": name, "vcpus": 1, "memory_mb": 512, "root_gb": 1, **more}
    return Flavor(name=name, **values)  # type: ignore[arg-type]


def names(found: list[Flavor]) -> list[str]:
    return [one.name for one in found]


def test_create_get_delete(flavors, admin) -> None:
    wanted = flavor(
        "m1",
        flavorid="",
        swap_mb=64,
        ephemeral_gb=2,
        rxtx_factor=2.5,
        description="d",
        extra_specs={"a:b": "c"},
    )
    made = flavors.create_flavor(admin, flavor=wanted)
    assert made.flavorid
    assert made.id
    got = flavors.get_flavor(admin, flavorid=made.flavorid)
    assert got == made
    assert msgspec.structs.replace(got, id=0, flavorid="", created_at=None) == wanted
    flavors.delete_flavor(admin, flavorid=made.flavorid)
    for call in (flavors.get_flavor, flavors.delete_flavor):
        with pytest.raises(errors.FlavorNotFound):
            call(admin, flavorid=made.flavorid)


def test_names_and_ids_are_taken_once(flavors, admin) -> None:
    flavors.create_flavor(admin, flavor=flavor("a"))
    with pytest.raises(errors.FlavorIdExists):
        flavors.create_flavor(admin, flavor=flavor("b", flavorid="a"))
    with pytest.raises(errors.FlavorExists):
        flavors.create_flavor(admin, flavor=flavor("a", flavorid="b"))
    flavors.create_flavor(admin, flavor=flavor("A"))


def test_private_ones_are_for_those_with_access(flavors, admin, alice, bob) -> None:
    flavors.create_flavor(admin, flavor=flavor("public"))
    flavors.create_flavor(admin, flavor=flavor("secret", is_public=False))
    flavors.add_flavor_access(admin, flavorid="secret", project_id="p1")
    assert names(flavors.list_flavors(alice, query=FlavorQuery())) == ["public", "secret"]
    for asked in (True, None, False):
        query = FlavorQuery(is_public=asked)
        assert names(flavors.list_flavors(bob, query=query)) == ["public"]
    assert flavors.get_flavor(alice, flavorid="secret").name == "secret"
    with pytest.raises(errors.FlavorNotFound):
        flavors.get_flavor(bob, flavorid="secret")
    for asked, expected in ((True, ["public"]), (False, ["secret"]), (None, ["public", "secret"])):
        assert names(flavors.list_flavors(admin, query=FlavorQuery(is_public=asked))) == expected


def test_access(flavors, admin) -> None:
    flavors.create_flavor(admin, flavor=flavor("public"))
    flavors.create_flavor(admin, flavor=flavor("secret", is_public=False))
    with pytest.raises(errors.NotFound):
        flavors.list_flavor_access(admin, flavorid="public")
    with pytest.raises(errors.Conflict):
        flavors.add_flavor_access(admin, flavorid="public", project_id="p1")
    given = flavors.add_flavor_access(admin, flavorid="secret", project_id="p1")
    assert [(one.flavorid, one.project_id) for one in given] == [("secret", "p1")]
    with pytest.raises(errors.FlavorAccessExists):
        flavors.add_flavor_access(admin, flavorid="secret", project_id="p1")
    assert flavors.remove_flavor_access(admin, flavorid="secret", project_id="p1") == []
    with pytest.raises(errors.FlavorAccessNotFound):
        flavors.remove_flavor_access(admin, flavorid="secret", project_id="p1")


def test_extra_specs(flavors, admin) -> None:
    flavors.create_flavor(admin, flavor=flavor("a", extra_specs={"x": "1"}))
    specs = flavors.set_extra_specs(admin, flavorid="a", specs={"x": "2", "y": "3"})
    assert specs == {"x": "2", "y": "3"}
    flavors.delete_extra_spec(admin, flavorid="a", key="x")
    assert flavors.get_flavor(admin, flavorid="a").extra_specs == {"y": "3"}
    with pytest.raises(errors.FlavorExtraSpecNotFound):
        flavors.delete_extra_spec(admin, flavorid="a", key="x")
    with pytest.raises(errors.FlavorNotFound):
        flavors.set_extra_specs(admin, flavorid="b", specs={"x": "2"})


def test_description(flavors, admin) -> None:
    flavors.create_flavor(admin, flavor=flavor("a", description="x"))
    assert flavors.update_flavor(admin, flavorid="a", description=None).description is None
    with pytest.raises(errors.FlavorNotFound):
        flavors.update_flavor(admin, flavorid="b", description=None)


def test_pages_filters_and_order(flavors, admin) -> None:
    for number in range(5):
        more = {"memory_mb": 100 * number, "root_gb": 5 - number}
        described = "d" if number == 2 else None
        one = flavor(f"f{number}", description=described, **more)
        flavors.create_flavor(admin, flavor=one)

    def listed(**query: object) -> list[str]:
        return names(flavors.list_flavors(admin, query=FlavorQuery(**query)))  # type: ignore[arg-type]

    assert listed(limit=2) == ["f0", "f1"]
    assert listed(limit=2, marker="f1") == ["f2", "f3"]
    assert listed(sort_key="root_gb") == ["f4", "f3", "f2", "f1", "f0"]
    assert listed(sort_key="memory_mb", sort_dir="desc", limit=2, marker="f3") == ["f2", "f1"]
    assert listed(sort_key="description", sort_dir="desc", limit=1) == ["f2"]
    assert listed(min_ram=200, min_disk=2) == ["f2", "f3"]
    assert listed(name="f3") == ["f3"]
    with pytest.raises(errors.MarkerNotFound):
        listed(marker="none")
    with pytest.raises(errors.Invalid):
        listed(sort_key="no_such")
