# SPDX-License-Identifier: Apache-2.0
"""What guests write to their console, and where their consoles are."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from nova_lite.base.context import RequestContext
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.console import ConsoleOffer, ConsoleType
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action
from nova_lite.virt.driver import Driver


class _Page(NamedTuple):
    """Options: the group, whose `enabled` is asked, and the one with the base of links."""

    group: str
    url: str


# Of the others (webmks) no driver of ours has anything.
PAGES: Final[Mapping[ConsoleType, _Page]] = {
    ConsoleType.NOVNC: _Page("vnc", "novncproxy_base_url"),
    ConsoleType.SPICE_HTML5: _Page("spice", "html5proxy_base_url"),
    ConsoleType.SPICE_DIRECT: _Page("spice", "spice_direct_proxy_base_url"),
    ConsoleType.SERIAL: _Page("serial_console", "base_url"),
}


class ConsoleActions:
    """The console calls of one host."""

    def __init__(self, conf: Any, driver: Driver) -> None:
        self._conf = conf
        self._driver = driver

    def get_console_output(
        self, context: RequestContext, *, instance: Instance, length: int | None
    ) -> str:
        group = self._driver.console_log
        if group is None:
            raise errors.ActionUnsupported(action=str(Action.GET_CONSOLE_OUTPUT))
        try:
            return call(self._driver, group.console_output, instance, length)
        except errors.GuestOperationFailed as error:
            raise errors.ConsoleLogUnavailable(reason=error.message) from error

    def get_console(
        self, context: RequestContext, *, instance: Instance, kind: ConsoleType
    ) -> ConsoleOffer:
        group, page = self._driver.consoles, PAGES.get(kind)
        if group is None:
            raise errors.ActionUnsupported(action=str(Action.GET_CONSOLE))
        if page is None or not self._conf[page.group].enabled:
            raise errors.ConsoleTypeUnavailable(console_type=str(kind))
        try:
            address = call(self._driver, group.address, instance, kind)
        except errors.GuestNotFound as error:
            raise errors.InstanceNotReady(instance_id=instance.uuid) from error
        return ConsoleOffer(address=address, base_url=self._conf[page.group][page.url])
