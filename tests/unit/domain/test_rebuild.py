# SPDX-License-Identifier: Apache-2.0
"""What keeps a server from being rebuilt, and what is written of it."""

from typing import Any

import pytest
from msgspec import UNSET

from nova_lite.domain import rebuild
from nova_lite.domain.image import Image
from nova_lite.domain.instance import Instance
from nova_lite.domain.keypair import Keypair
from nova_lite.domain.request import RebuildServer, RequestSpec
from tests.fixtures.servers import make_flavor, make_instance

OLD, NEW = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-9999-aaaaaaaaaaaa"


def image(**fields: Any) -> Image:
    return Image(**{"id": NEW, "name": "new", "status": "active", "size": 1, **fields})


def server(**fields: Any) -> Instance:
    values = {"image_ref": OLD, "image_properties": {"os_type": "linux"}, "key_name": "k"}
    return make_instance(**{**values, **fields})


def problems(request: RebuildServer, facts: rebuild.Facts, **fields: Any) -> list[str]:
    return [problem.message for problem in rebuild.problems(request, server(**fields), facts)]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "queued"}, "is not active"),
        ({"min_ram": 10**6}, "memory is too small"),
        ({"min_disk": 10**3}, "disk is smaller"),
        ({"size": 2**50}, "disk is too small"),
    ],
)
def test_a_new_image_has_to_fit(fields: dict[str, Any], words: str) -> None:
    (found,) = problems(RebuildServer(image_ref=NEW), rebuild.Facts(image=image(**fields)))
    assert words in found


def test_the_image_that_it_has_fitted_before() -> None:
    facts = rebuild.Facts(image=image(id=OLD, min_ram=10**6, min_disk=10**3))
    assert problems(RebuildServer(image_ref=OLD), facts) == []
    facts = rebuild.Facts(image=image(id=OLD, status="deactivated"))
    assert len(problems(RebuildServer(image_ref=OLD), facts)) == 1


def test_a_server_that_boots_from_a_volume() -> None:
    found = problems(RebuildServer(image_ref=NEW), rebuild.Facts(image=image()), image_ref=None)
    assert "volume" in found[0]


def test_what_else_is_wrong() -> None:
    request = RebuildServer(
        image_ref=NEW,
        key_name="absent",
        metadata={"a": "b", "c": "d"},
        personality=[{"path": "/a", "contents": "eA=="}],
        display_name="taken",
    )
    limits = {"metadata_items": 1, "injected_files": 0}
    found = problems(request, rebuild.Facts(image=image(), limits=limits, name_taken=True))
    assert [words.split(" ")[0] for words in found] == [
        *("Invalid", "Maximum", "Personality", "Instance")
    ]


def test_nothing_but_the_image_is_written_where_nothing_else_is_asked() -> None:
    facts = rebuild.Facts(image=image(properties={"kernel_id": "k1", "os_type": "bsd"}))
    patch = rebuild.patch_of(RebuildServer(image_ref=NEW), server(), facts)
    written = {f: getattr(patch, f) for f in patch.__struct_fields__}
    assert {f: v for f, v in written.items() if v is not UNSET} == {
        "image_ref": NEW,
        "image_properties": {**facts.image.properties, "min_ram": "0", "min_disk": "0"}
        | {k: v for k, v in patch.image_properties.items() if k.endswith("_format")},
        "kernel_id": "k1",
        "ramdisk_id": None,
        "progress": 0,
    }


def test_the_same_image_is_not_written_again() -> None:
    facts = rebuild.Facts(image=image(id=OLD, properties={"os_type": "bsd"}))
    patch = rebuild.patch_of(RebuildServer(image_ref=OLD), server(), facts)
    assert patch.image_ref is UNSET and patch.image_properties is UNSET


def test_a_key_and_no_key() -> None:
    keypair = Keypair(name="other", user_id="u", public_key="ssh-rsa x", fingerprint="f")
    facts = rebuild.Facts(image=image(), keypair=keypair)
    patch = rebuild.patch_of(RebuildServer(image_ref=NEW, key_name="other"), server(), facts)
    assert (patch.key_name, patch.key_data, patch.key_type) == ("other", "ssh-rsa x", "ssh")
    facts = rebuild.Facts(image=image())
    patch = rebuild.patch_of(RebuildServer(image_ref=NEW, key_name=None), server(), facts)
    assert (patch.key_name, patch.key_data, patch.key_type) == (None, None, None)


def test_later_moves_go_by_the_new_image() -> None:
    spec = RequestSpec(
        project_id="p",
        user_id="u",
        flavor=make_flavor(extra_specs={"trait:CUSTOM_X": "required"}),
        resources={"VCPU": 1},
        required_traits=["CUSTOM_X", "CUSTOM_OLD"],
    )
    changed = rebuild.spec_with_image(spec, {"trait:CUSTOM_NEW": "required"})
    assert changed.required_traits == ["CUSTOM_NEW", "CUSTOM_X"]
    assert changed.resources == spec.resources


@pytest.mark.parametrize(("wish", "expected"), [("mandatory", True), ("optional", UNSET)])
def test_an_image_that_needs_a_config_drive_gets_one(wish: str, expected: object) -> None:
    facts = rebuild.Facts(image=image(properties={"img_config_drive": wish}))
    patch = rebuild.patch_of(RebuildServer(image_ref=NEW), server(), facts)
    assert patch.config_drive is expected
