# SPDX-License-Identifier: Apache-2.0
"""What is on the config drive of a server that has one."""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from nova_lite.backends.vendordata import VendorData
from nova_lite.domain import device_tags
from nova_lite.domain.devices import DeviceAddress
from nova_lite.domain.guestdata import drive
from nova_lite.domain.guestdata.value import GuestData, GuestFile, Surroundings
from nova_lite.domain.instance import Instance
from nova_lite.virt.driver import DriveContent


class DriveFiles:
    """The documents of the metadata service, as files."""

    def __init__(self, conf: Any) -> None:
        """Raises ConfigurationError."""
        self._domain: str = conf.api.dhcp_domain
        self._skip: list[str] = conf.api.config_drive_skip_versions.split()
        self._vendor = VendorData(conf)

    def of(
        self,
        instance: Instance,
        root_device: str,
        admin_pass: str | None,
        files: Sequence[GuestFile] | None = None,
    ) -> DriveContent | None:
        """What makes them; None for a server without a config drive. Raises Unavailable when a
        service that has to answer does not."""
        if not instance.config_drive:
            return None
        told = msgspec.structs.replace(instance, root_device_name=root_device)
        around = Surroundings(
            dhcp_domain=self._domain,
            random=os.urandom,
            vendor=self._vendor.static(),
            vendor2=self._vendor.all(instance),
            admin_pass=admin_pass,
            files=files or (),
        )

        def content(found: list[DeviceAddress]) -> dict[str, bytes]:
            tagged = device_tags.of_tagged(instance, found)
            there = msgspec.structs.replace(told, device_addresses=tagged)
            return drive.files(GuestData(instance=there), around, self._skip)

        return content
