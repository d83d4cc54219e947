# SPDX-License-Identifier: Apache-2.0
"""Names with every character that the API lets in, on their way to guests."""

import json
import re
import sys
import unicodedata
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from nova_lite.api import validation
from nova_lite.domain import hostnames
from nova_lite.domain.errors import Invalid
from nova_lite.domain.guestdata import ec2, openstack
from nova_lite.domain.guestdata.value import GuestData, Surroundings
from nova_lite.virt.libvirt import spec
from nova_lite.virt.libvirt.xml import domain_xml, parse
from tests.unit.virt.libvirt.servers import LOG, host, root, server

LONGEST = 255
AROUND = Surroundings(dhcp_domain="", random=bytes)
HOSTNAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


CHECK = validation.body_check({"format": "name"})


def names() -> Iterator[str]:
    """All that Unicode knows, as long as names may be. Blanks may not stand at the ends."""
    numbers = range(sys.maxunicode + 1)
    every = "".join(
        chr(n) for n in numbers if unicodedata.category(chr(n)) not in ("Cc", "Cn", "Cs")
    )
    assert len(every) > 250_000 and {" ", "<", "&", "\u2028", "\U0001f600"} <= set(every)
    step = LONGEST - 2
    for start in range(0, len(every), step):
        yield f"a{every[start : start + step]}z"


@pytest.mark.parametrize("char", ["\x00", "\x1f", "\n", "\x7f", "\x85", "\ud800", "\ufffe"])
def test_what_xml_cannot_hold_is_refused(char: str) -> None:
    with pytest.raises(Invalid):
        CHECK(f"a{char}z")


def test_every_character_arrives() -> None:
    plain = server()
    for name in names():
        CHECK(name)
        # a letter that is taken apart may become several, but no name becomes none
        hostname = hostnames.from_name(name, plain.uuid)
        assert HOSTNAME.fullmatch(hostname), ascii(name)
        instance = replace(plain, display_name=name, metadata={name: name}, hostname=hostname)

        text = domain_xml(spec.build(instance, [root()], LOG, host()))
        start, end = "<nova-lite:instance", "</nova-lite:instance>"
        mark = text[text.index(start) : text.index(end)] + end
        owner = parse.owner_of(mark)
        assert owner is not None and owner.name == name, ascii(name)

        data = GuestData(instance=instance)
        told = json.loads(openstack.document(data, AROUND, "2025-04-04", openstack.META) or b"")
        assert (told["name"], told["meta"]) == (name, {name: name})
        tree = ec2.tree(data, AROUND, "2009-04-04")["meta-data"]
        assert ec2.render(tree["hostname"]).isascii()
