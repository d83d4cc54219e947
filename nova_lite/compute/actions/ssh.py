# SPDX-License-Identifier: Apache-2.0
"""Ways to the ssh servers of guests."""

from nova_lite.base.context import RequestContext
from nova_lite.compute.drivers import call
from nova_lite.domain import errors
from nova_lite.domain.instance import Instance
from nova_lite.domain.ssh import SshAddress
from nova_lite.virt.driver import Driver


class SshActions:
    """The ssh call of one host."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def get_ssh_address(self, context: RequestContext, *, instance: Instance) -> SshAddress:
        group = self._driver.ssh
        if group is None:
            raise errors.SshNotForwarded(instance_id=instance.uuid)
        try:
            return call(self._driver, group.address, instance)
        except errors.GuestNotFound as error:
            raise errors.InstanceNotReady(instance_id=instance.uuid) from error
