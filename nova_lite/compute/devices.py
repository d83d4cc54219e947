# SPDX-License-Identifier: Apache-2.0
"""Where a guest has the devices that its users gave a tag."""

import logging

from nova_lite.compute.drivers import call
from nova_lite.domain import device_tags, errors
from nova_lite.domain.devices import DeviceAddress
from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import Driver

LOG = logging.getLogger(__name__)


def look(driver: Driver, instance: Instance) -> list[DeviceAddress] | None:
    """None when the hypervisor does not tell: the guest is as it should be nevertheless."""
    if not device_tags.is_tagged(instance):
        return []
    try:
        found = call(driver, driver.device_addresses, instance)
    except errors.NovaLiteError as error:
        LOG.warning("[instance: %s] Its devices are not seen: %s", instance.uuid, error.message)
        return None
    return device_tags.of_tagged(instance, found)
