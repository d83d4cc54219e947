# SPDX-License-Identifier: Apache-2.0
"""A guest that does not start at once."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from nova_lite.domain.errors import GuestOperationFailed
from nova_lite.virt.libvirt.connection import Connection
from nova_lite.virt.libvirt.guest import PORT_TRIES, Guest

TAKEN = "qemu: -vnc 127.0.0.1:0: Failed to find an available port: Address already in use"


class Refusing:
    """A connection on which every call fails, for these reasons, one after the other."""

    def __init__(self, *reasons: str) -> None:
        self.reasons = list(reasons)

    def call(
        self, fn: Callable[[Any], Any], operation: str, name: str = "", again: bool = False
    ) -> None:
        if self.reasons:
            raise GuestOperationFailed(operation=operation, name=name, reason=self.reasons.pop(0))


def guest(connection: Refusing) -> Guest:
    return Guest(cast(Connection, connection), "uuid", "name")


def test_a_port_that_was_taken_is_no_failure() -> None:
    connection = Refusing(TAKEN, TAKEN)
    guest(connection).start()
    assert not connection.reasons


def test_ports_are_not_looked_for_for_ever() -> None:
    connection = Refusing(*[TAKEN] * (PORT_TRIES + 1))
    with pytest.raises(GuestOperationFailed, match="Address already in use"):
        guest(connection).start()
    assert len(connection.reasons) == 1


def test_other_failures_are_final() -> None:
    connection = Refusing("no memory", TAKEN)
    with pytest.raises(GuestOperationFailed, match="no memory"):
        guest(connection).start()
    assert connection.reasons == [TAKEN]


class ShuttingDown:
    """A guest that says it is off while its process ends still."""

    SHUTDOWN, SHUTOFF = 4, 5

    def __init__(self, looks: int) -> None:
        self.left = looks

    def call(
        self, fn: Callable[[Any], Any], operation: str, name: str = "", again: bool = False
    ) -> Any:
        return fn(self)

    def lookupByUUIDString(self, uuid: str) -> "ShuttingDown":  # noqa: N802 - libvirt's name
        return self

    def state(self) -> tuple[int, int]:
        return (self.SHUTDOWN if self.left else self.SHUTOFF, 0)

    def isActive(self) -> int:  # noqa: N802 - libvirt's name
        if not self.left:
            return 0
        self.left -= 1
        return 1


def test_a_guest_that_shuts_down_is_not_off_yet() -> None:
    domain = ShuttingDown(looks=2)
    assert Guest(cast(Connection, domain), "uuid", "name").wait(20, off=True)
    assert domain.left == 0
