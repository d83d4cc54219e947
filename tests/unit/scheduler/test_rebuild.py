# SPDX-License-Identifier: Apache-2.0
"""Another image for a server that stays where it is."""

from msgspec.structs import replace

from tests.unit.scheduler.harness import ask, chosen, copied, host, request, select

SPARC = {"hw_architecture": "sparc"}


def rebuild(**more: object):
    return replace(ask(request(requested_host="h1", **more)), rebuild=True)


def test_only_the_image_is_asked_about() -> None:
    """A host that is full, disabled or down is where the server is, nevertheless."""
    seen = [host("h1", vcpus=1, used={"VCPU": 1}, up=False), host("h2")]
    assert chosen(select(seen, rebuild(availability_zone="elsewhere"))) == ["h1"]


def test_an_image_that_the_host_cannot_run() -> None:
    outcome = select([host("h1"), host("h2")], rebuild(image_properties=SPARC))
    assert chosen(outcome) == [None]
    assert outcome.selected.counts == {"RequestedHostFilter": 1, "ImagePropertiesFilter": 1}


def test_a_trait_that_the_host_lacks() -> None:
    outcome = select([host("h1")], rebuild(required_traits=["CUSTOM_FIRMWARE_UEFI"]))
    assert chosen(outcome) == [None]


def test_nothing_is_taken_of_the_host() -> None:
    seen = [host("h1")]
    before = copied(seen)
    select(seen, rebuild())
    assert seen == before
