# SPDX-License-Identifier: Apache-2.0
import socket
from collections.abc import Iterator

import pytest

from nova_lite.base.conf.serial_console import bounds
from nova_lite.virt.libvirt import ports
from nova_lite.virt.libvirt.xml.parse import Listener, graphics_of, serial_port_of

HERE = "127.0.0.1"
DOMAIN = """<domain><devices>
<serial type='pty'/>
<serial type='tcp'><source mode='bind' host='::1' service='{port}'/></serial>
<graphics type='vnc' port='{vnc}' autoport='yes'/>
<graphics type='spice' port='5901' tlsPort='5902'/>
</devices></domain>"""


@pytest.fixture
def listener() -> Iterator[int]:
    """A port at which somebody listens."""
    with socket.create_server((HERE, 0)) as sock:
        yield sock.getsockname()[1]


def test_the_first_port_that_is_free_is_chosen(listener: int) -> None:
    assert ports.choose(HERE, (listener, listener), set()) is None
    found = ports.choose(HERE, (listener, listener + 50), {listener + 1})
    assert found is not None and found > listener + 1


def test_a_guest_keeps_its_port_unless_another_one_has_it(listener: int) -> None:
    """Its own emulator may listen there still."""
    around = (listener, listener + 50)
    assert ports.choose(HERE, around, set(), had=listener) == listener
    assert ports.choose(HERE, around, {listener}, had=listener) != listener
    assert ports.choose(HERE, around, set(), had=1) != 1


def test_what_a_domain_says_of_its_ports() -> None:
    running = DOMAIN.format(port=10001, vnc=5900)
    assert serial_port_of(running) == 10001
    assert graphics_of(running, "vnc") == Listener(5900, None)
    assert graphics_of(running, "spice") == Listener(5901, 5902)
    off = DOMAIN.format(port="", vnc=-1)
    assert serial_port_of(off) is None and graphics_of(off, "vnc") is None
    assert graphics_of(off, "rdp") is None


def test_ranges_of_ports() -> None:
    assert bounds("10000:20000") == (10000, 20000)
    for wrong in ("", "1", "2:1", "0:5", "1:65536", "a:b", "1:2:3", "-1:5"):
        with pytest.raises(ValueError, match="FIRST:LAST"):
            bounds(wrong)
