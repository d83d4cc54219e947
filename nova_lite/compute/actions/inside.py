# SPDX-License-Identifier: Apache-2.0
"""What is done inside of guests, or asked of them."""

import logging
from typing import Any, Final

from nova_lite.base.context import RequestContext
from nova_lite.compute.calls import InstanceCalls
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.diagnostics import Diagnostics
from nova_lite.domain.instance import Instance
from nova_lite.domain.states import Action
from nova_lite.virt.driver import Driver

LOG = logging.getLogger(__name__)

# The image's property that names the administrator, and who it is without that.
ADMIN_PROPERTY: Final = "os_admin_user"
ADMINS: Final = {"windows": "Administrator"}
ROOT: Final = "root"


class InsideActions:
    """Passwords, crash dumps and diagnostics of one host."""

    def __init__(self, driver: Driver, calls: InstanceCalls) -> None:
        self._driver = driver
        self._calls = calls

    def set_password(self, context: RequestContext, *, instance: Instance, password: str) -> None:
        group = _has(self._driver.password, Action.CHANGE_PASSWORD)
        user = admin_of(instance)
        self._calls.run(
            instance.uuid,
            ("set_password", password),
            lambda: call(self._driver, group.set_password, instance, user, password),
        )
        LOG.info("[instance: %s] has a new password for %s", instance.uuid, user)

    def trigger_crash_dump(self, context: RequestContext, *, instance: Instance) -> None:
        group = _has(self._driver.crash_dump, Action.TRIGGER_CRASH_DUMP)
        call(self._driver, group.trigger, instance)
        LOG.info("[instance: %s] was told to crash", instance.uuid)

    def get_diagnostics(self, context: RequestContext, *, instance: Instance) -> Diagnostics:
        group = _has(self._driver.diagnostics, Action.GET_DIAGNOSTICS)
        return call(self._driver, group.read, instance)


def admin_of(instance: Instance) -> str:
    """Whose password it is."""
    properties = instance.image_properties
    named = properties.get(ADMIN_PROPERTY)
    return named or ADMINS.get(properties.get("os_type", ""), ROOT)


def _has(group: Any, action: Action) -> Any:
    if group is None:
        raise errors.ActionUnsupported(action=str(action))
    return group
