# SPDX-License-Identifier: Apache-2.0
"""What guests write to their console."""

from nova_lite.base.context import RequestContext
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action
from nova_lite.virt.driver import Driver


class ConsoleActions:
    """The console calls of one host."""

    def __init__(self, driver: Driver) -> None:
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
