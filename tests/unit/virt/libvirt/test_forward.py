# SPDX-License-Identifier: Apache-2.0
"""Which port a guest in user mode gets, and what QEMU says of it."""

from itertools import islice

from nova_lite.virt.libvirt.forward import candidates
from nova_lite.virt.libvirt.xml.usernet import forward_line, forwarded, user_netdev

DOMAIN = """<domain><devices>
<interface type='bridge'><alias name='net0'/></interface>
<interface type='user'><mac address='fa:16:3e:00:00:01'/><alias name='net1'/></interface>
</devices></domain>"""
USERNET = """\
Hub -1 (hostnet0):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[HOST_FORWARD]  40       127.0.0.1 22001       10.0.2.15    22     0     0
Hub -1 (hostnet1):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[ESTABLISHED]   41       127.0.0.1 22005       10.0.2.15    22     0     0
  TCP[HOST_FORWARD]  42       127.0.0.1 22009       10.0.2.15    80     0     0
  TCP[HOST_FORWARD]  43       127.0.0.1 22002       10.0.2.15    22     0     0
"""


def test_a_guest_keeps_its_port() -> None:
    assert next(candidates((10, 19), {11, 12}, had=13, seed=0)) == 13
    # not one that another guest has got, nor one out of bounds
    assert 11 not in list(candidates((10, 19), {11, 12}, had=11, seed=0))
    assert next(candidates((10, 19), set(), had=7, seed=0)) == 10


def test_every_port_is_tried_once() -> None:
    found = list(candidates((10, 19), {15}, had=12, seed=98765))
    assert sorted(found) == [10, 11, 12, 13, 14, 16, 17, 18, 19]
    assert found[0] == 12


def test_guests_begin_at_different_places_and_each_at_the_same() -> None:
    def first(seed: int) -> list[int]:
        return list(islice(candidates((10, 19), set(), None, seed), 3))

    assert first(8) == [18, 19, 10] == first(8)
    assert first(3) == [13, 14, 15]


def test_an_interface_in_user_mode_is_found() -> None:
    assert user_netdev(DOMAIN) == "hostnet1"
    assert user_netdev(DOMAIN.replace("'user'", "'bridge'")) is None


def test_what_is_forwarded_is_read() -> None:
    assert forwarded(USERNET, "hostnet0", 22) == ("127.0.0.1", 22001)
    assert forwarded(USERNET, "hostnet1", 22) == ("127.0.0.1", 22002)
    assert forwarded(USERNET, "hostnet2", 22) is None
    assert forwarded("", "hostnet0", 22) is None


def test_what_is_typed() -> None:
    line = forward_line("hostnet1", "127.0.0.1", 22002, 22)
    assert line == "hostfwd_add hostnet1 tcp:127.0.0.1:22002-:22"
