# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
from msgspec.structs import replace

from nova_lite.domain import block_devices, build, errors, hostnames
from nova_lite.domain.block_devices import VolumeFacts
from nova_lite.domain.build import Facts
from nova_lite.domain.devices import BlockDeviceWish
from nova_lite.domain.flavor import Flavor
from nova_lite.domain.group import GroupPlacement, GroupPolicy
from nova_lite.domain.image import Image
from nova_lite.domain.keypair import Keypair
from nova_lite.domain.request import CreateServers
from nova_lite.domain.states import TaskState, VmState

FLAVOR = Flavor(flavorid="1", name="m1", vcpus=2, memory_mb=512, root_gb=1, swap_mb=1500)
IMAGE = Image(id="i", size=1000, properties={"hw_disk_bus": "virtio", "kernel_id": "k"})
TWO_CPUS_AT_MOST = {"hw:cpu_max_sockets": "2", "hw:cpu_max_cores": "1", "hw:cpu_max_threads": "1"}
GROUP = GroupPlacement(uuid="g", policy=GroupPolicy.AFFINITY)
UUID = "5f1d1f0a-0001-4d8e-8c3e-9a0b1a523c1f"
VOLUME = BlockDeviceWish(source_type="volume", uuid="v", boot_index=0)


def request(**values: Any) -> CreateServers:
    return CreateServers(**{"name": "n", "flavor_ref": "1", "image_ref": "i", **values})


def facts(**values: Any) -> Facts:
    return Facts(**{"flavor": FLAVOR, "image": IMAGE, "zones": frozenset({"nova"}), **values})


def told(asked: CreateServers, known: Facts) -> list[str]:
    return [problem.message for problem in build.problems(asked, known)]


def test_a_sound_request_has_no_problems() -> None:
    assert told(request(availability_zone="nova"), facts()) == []
    build.check(request(), facts())


@pytest.mark.parametrize(
    ("asked", "known", "kind", "message"),
    [
        (
            {},
            {"flavor": replace(FLAVOR, disabled=True)},
            errors.Invalid,
            "Flavor 1 could not be found.",
        ),
        (
            {"check_zero_disk": True},
            {"flavor": replace(FLAVOR, root_gb=0)},
            errors.Forbidden,
            "Only volume-backed servers are allowed for flavors with zero disk.",
        ),
        ({}, {"image": None}, errors.Invalid, "Invalid imageRef provided."),
        (
            {},
            {"image": replace(IMAGE, status="queued")},
            errors.ImageNotActive,
            "Image i is not active.",
        ),
        (
            {},
            {"image": replace(IMAGE, min_ram=513)},
            errors.FlavorTooSmall,
            "Flavor's memory is too small for requested image.",
        ),
        (
            {},
            {"image": replace(IMAGE, size=2**30 + 1)},
            errors.FlavorTooSmall,
            "Flavor's disk is too small for requested image. "
            "Flavor disk is 1073741824 bytes, image is 1073741825 bytes.",
        ),
        (
            {},
            {"image": replace(IMAGE, min_disk=2)},
            errors.FlavorTooSmall,
            "Flavor's disk is smaller than the minimum size specified in image metadata. "
            "Flavor disk is 1073741824 bytes, minimum size is 2147483648 bytes.",
        ),
        (
            {"auto_disk_config": True},
            {"image": replace(IMAGE, properties={"auto_disk_config": "False"})},
            errors.Invalid,
            "Requested image i has automatic disk resize disabled.",
        ),
        (
            {},
            {"image": replace(IMAGE, properties={"hw_cpu_max_sockets": "none"})},
            errors.Invalid,
            "The CPU topology cannot be had: hw:cpu_max_sockets=none is not a positive number",
        ),
        (
            {},
            {"flavor": replace(FLAVOR, vcpus=3, extra_specs=TWO_CPUS_AT_MOST)},
            errors.Invalid,
            "The CPU topology cannot be had: "
            "3 vCPUs fit no topology within the limits of flavor and image",
        ),
        (
            {},
            {"flavor": replace(FLAVOR, vcpus=1 << 30, extra_specs=TWO_CPUS_AT_MOST)},
            errors.Invalid,
            "The CPU topology cannot be had: no guest has 1073741824 vCPUs",
        ),
        ({"key_name": "k"}, {}, errors.Invalid, "Invalid key_name provided."),
        (
            {"availability_zone": "z"},
            {},
            errors.Invalid,
            "The requested availability zone is not available",
        ),
        (
            {"requested_host": "h9"},
            {"hosts": frozenset({"h1"})},
            errors.Invalid,
            "Compute host h9 could not be found.",
        ),
        (
            {"scheduler_hints": {"group": "x"}},
            {},
            errors.Invalid,
            "Instance group x could not be found.",
        ),
        (
            {"metadata": {"a": "1", "b": "2"}},
            {"limits": {"metadata_items": 1}},
            errors.ResourceLimitExceeded,
            "Maximum number of metadata items exceeds 1",
        ),
        (
            {"personality": [{"path": "/a", "contents": ""}]},
            {"limits": {"injected_files": 0}},
            errors.ResourceLimitExceeded,
            "Personality file limit exceeded",
        ),
        (
            {"personality": [{"path": "/long", "contents": ""}]},
            {"limits": {"injected_file_path_bytes": 4}},
            errors.ResourceLimitExceeded,
            "Personality file path exceeds maximum 4",
        ),
        (
            {"personality": [{"path": "/a", "contents": "YWJjZGU="}]},
            {"limits": {"injected_file_content_bytes": 4}},
            errors.ResourceLimitExceeded,
            "Personality file content exceeds maximum 4",
        ),
        (
            {"scheduler_hints": {"group": "g"}},
            {"group": GROUP, "group_members": 2, "limits": {"server_group_members": 2}},
            errors.ResourceLimitExceeded,
            "Quota exceeded, too many servers in group",
        ),
        (
            {"hostname": "h", "max_count": 2},
            {},
            errors.Invalid,
            "Unable to allocate a single hostname to multiple instances",
        ),
        ({}, {"name_taken": True}, errors.InstanceExists, "Instance n already exists."),
        (
            {"block_devices": [VOLUME]},
            {},
            errors.Invalid,
            "Block Device Mapping is Invalid: failed to get volume v.",
        ),
        (
            {"block_devices": [VOLUME]},
            {"volumes": {"v": VolumeFacts(size=1, status="in-use", bootable=True)}},
            errors.Invalid,
            "Invalid volume: volume v is in-use, not available",
        ),
        (
            {"block_devices": [VOLUME]},
            {"volumes": {"v": VolumeFacts(size=1)}},
            errors.Invalid,
            "Block Device Mapping is Invalid: Volume v is not bootable.",
        ),
        (
            {"block_devices": [VOLUME], "max_count": 2},
            {"volumes": {"v": VolumeFacts(size=1, bootable=True)}},
            errors.Invalid,
            "Cannot attach one or more volumes to multiple instances",
        ),
        (
            {"block_devices": [VOLUME, VOLUME]},
            {"volumes": {"v": VolumeFacts(size=1, bootable=True)}},
            errors.Invalid,
            "Block Device Mapping is Invalid: Boot sequence for the instance and image/block "
            "device mapping combination is not valid.",
        ),
        (
            {"block_devices": [BlockDeviceWish(source_type="blank", destination_type="volume")]},
            {},
            errors.Invalid,
            "Block Device Mapping is Invalid: Blank volumes (source: 'blank', dest: 'volume') "
            "need to have non-zero size",
        ),
        (
            {"block_devices": [BlockDeviceWish(source_type="image", destination_type="volume")]},
            {},
            errors.Invalid,
            "Block Device Mapping is Invalid: image needs a uuid.",
        ),
    ],
)
def test_each_problem(
    asked: dict[str, Any],
    known: dict[str, Any],
    kind: type[errors.NovaLiteError],
    message: str,
) -> None:
    with pytest.raises(kind) as first:
        build.check(request(**asked), facts(**known))
    assert first.value.message == message


def blank(size: int | None, form: str | None = None) -> BlockDeviceWish:
    return BlockDeviceWish(source_type="blank", volume_size=size, guest_format=form)


LARGE_EPHEMERAL = "Ephemeral disks requested are larger than the instance type allows."
LARGE_SWAP = "Swap drive requested is larger than instance type allows."
TOO_MANY = "Block Device Mapping is Invalid: You specified more local devices than the limit allows"


@pytest.mark.parametrize(
    ("disks", "objection"),
    [
        ([blank(1)], None),
        ([blank(None)], None),
        ([blank(1, "ext3"), blank(1, "vfat")], None),
        ([blank(3)], LARGE_EPHEMERAL),
        ([blank(2), blank(1)], LARGE_EPHEMERAL),
        ([blank(1), blank(None)], LARGE_EPHEMERAL),
        ([blank(1500, "swap")], None),
        ([blank(None, "swap")], None),
        ([blank(1501, "swap")], LARGE_SWAP),
        ([blank(1, "swap"), blank(1, "swap")], "More than one swap drive requested."),
    ],
)
def test_a_request_divides_what_the_flavor_has(
    disks: list[BlockDeviceWish], objection: str | None
) -> None:
    found = told(request(block_devices=disks), facts(flavor=replace(FLAVOR, ephemeral_gb=2)))
    assert [said[: len(objection or "")] for said in found] == ([objection] if objection else [])


def test_how_many_disks_a_host_makes_for_a_server() -> None:
    roomy = replace(FLAVOR, ephemeral_gb=2)  # with root and swap: three
    for most, found in ((-1, []), (3, []), (2, [TOO_MANY])):
        assert told(request(), facts(flavor=roomy, most_local_disks=most)) == found
    two = request(block_devices=[blank(1), blank(1)])
    assert told(two, facts(flavor=roomy, most_local_disks=3)) == [TOO_MANY]
    assert told(two, facts(flavor=replace(roomy, swap_mb=0), most_local_disks=3)) == []
    from_volume = facts(
        flavor=replace(roomy, swap_mb=0, ephemeral_gb=0),
        volumes={"v": VolumeFacts(size=1, bootable=True)},
        most_local_disks=0,
    )
    assert told(request(block_devices=[VOLUME]), from_volume) == []


def test_an_image_with_a_root_disk_of_any_size() -> None:
    huge = replace(IMAGE, size=2**40, min_disk=100)
    assert told(request(), facts(image=huge, flavor=replace(FLAVOR, root_gb=0))) == []


def test_booting_from_a_volume_needs_no_room_for_the_image() -> None:
    known = facts(
        image=replace(IMAGE, size=2**40), volumes={"v": VolumeFacts(size=1, bootable=True)}
    )
    asked = request(block_devices=[VOLUME])
    assert told(asked, known) == []
    made = build.plan(asked, known, project_id="p", user_id="u", cell=None)
    assert made.instance.image_ref is None
    assert made.spec.resources == {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 2}


def test_all_problems_are_known_and_the_first_is_told() -> None:
    asked = request(key_name="k", availability_zone="z")
    assert len(told(asked, facts(image=None))) == 3


# --- the plan -----------------------------------------------------------------------------------


def planned(asked: CreateServers, known: Facts) -> build.Template:
    return build.plan(asked, known, project_id="p", user_id="u", cell="c")


def test_the_plan_of_a_server() -> None:
    key = Keypair(name="k", user_id="u", public_key="ssh-rsa A", fingerprint="f")
    asked = request(key_name="k", tags=["b", "a", "b"], availability_zone="nova")
    made = planned(asked, facts(keypair=key)).instance
    assert (made.vm_state, made.task_state) == (VmState.BUILDING, TaskState.SCHEDULING)
    assert (made.key_data, made.key_type) == ("ssh-rsa A", "ssh")
    assert (made.tags, made.security_groups) == (["a", "b"], ["default"])
    assert made.kernel_id == "k"
    assert made.image_properties["hw_disk_bus"] == "virtio"
    assert made.image_properties["min_ram"] == "0"
    assert (made.availability_zone, made.pinned_availability_zone) == (None, "nova")


def test_the_default_zone_is_asked_for() -> None:
    spec = planned(request(), facts(default_zone="az1")).spec
    assert spec.availability_zone == "az1"


@pytest.mark.parametrize(
    ("extra_specs", "expected"),
    [
        ({}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 3}),
        (
            {"resources:VCPU": "0", "resources:PCPU": "2"},
            {"PCPU": 2, "MEMORY_MB": 512, "DISK_GB": 3},
        ),
        ({"resources:DISK_GB": "10"}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 10}),
        ({"resources:VCPU": "x"}, {"VCPU": 2, "MEMORY_MB": 512, "DISK_GB": 3}),
    ],
)
def test_resources(extra_specs: dict[str, str], expected: dict[str, int]) -> None:
    """1 GiB root and 1500 MiB swap, rounded up."""
    flavor = replace(FLAVOR, extra_specs=extra_specs)
    assert planned(request(), facts(flavor=flavor)).spec.resources == expected


def test_traits_of_flavor_and_image() -> None:
    flavor = replace(
        FLAVOR, extra_specs={"trait:A": "required", "trait:B": "forbidden", "trait:C": "other"}
    )
    image = replace(IMAGE, properties={"trait:D": "required"})
    spec = planned(request(), facts(flavor=flavor, image=image)).spec
    assert (spec.required_traits, spec.forbidden_traits) == (["A", "D"], ["B"])


def test_several_servers_are_numbered() -> None:
    asked = request(name="Web", max_count=2)
    made = build.expand(planned(asked, facts()), asked, [UUID, UUID], reservation_id="r-1")
    assert [one.display_name for one in made] == ["Web-1", "Web-2"]
    assert [one.hostname for one in made] == ["web-1", "web-2"]
    assert [one.launch_index for one in made] == [0, 1]
    assert {one.reservation_id for one in made} == {"r-1"}


def test_devices_have_the_same_ids_whenever_they_are_made() -> None:
    asked = request(
        block_devices=[
            BlockDeviceWish(source_type="image", uuid="i", boot_index=0),
            BlockDeviceWish(source_type="blank", destination_type="volume", volume_size=1),
            BlockDeviceWish(source_type="blank", guest_format="swap"),
            BlockDeviceWish(source_type="blank", no_device=True),
        ]
    )
    devices = planned(asked, facts()).devices
    assert [(d.source_type, d.destination_type) for d in devices] == [
        ("blank", "volume"),
        ("blank", "local"),
    ]
    first = block_devices.for_server(devices, UUID)
    assert first == block_devices.for_server(devices, UUID)
    assert len({device.uuid for device in first}) == 2


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Web 1", "web-1"),
        ("web_server.example", "web-server-example"),
        ("über-Änderung", "uber-anderung"),
        ("--x--", "x"),
        ("\U0001f600", f"server-{UUID}"),
        ("a" * 70, "a" * 63),
        ("a" * 62 + " b", "a" * 62),
    ],
)
def test_host_names(name: str, expected: str) -> None:
    assert hostnames.from_name(name, UUID) == expected


@pytest.mark.parametrize(
    ("asked", "known", "properties", "expected"),
    [
        ({}, {}, {}, False),
        ({"config_drive": True}, {}, {}, True),
        ({}, {"force_config_drive": True}, {}, True),
        ({}, {}, {"img_config_drive": "mandatory"}, True),
        ({}, {}, {"img_config_drive": "optional"}, False),
    ],
)
def test_who_has_a_config_drive(
    asked: dict[str, Any], known: dict[str, Any], properties: dict[str, str], expected: bool
) -> None:
    made = planned(request(**asked), facts(image=replace(IMAGE, properties=properties), **known))
    (server,) = build.expand(made, request(**asked), [UUID], reservation_id="r-1")
    assert server.config_drive is expected
