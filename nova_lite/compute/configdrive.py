# SPDX-License-Identifier: Apache-2.0
"""What is on the config drive of a server that has one."""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from nova_lite.backends.vendordata import VendorData
from nova_lite.domain.guestdata import drive
from nova_lite.domain.guestdata.value import GuestData, GuestFile, Surroundings
from nova_lite.domain.instance import Instance


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
    ) -> dict[str, bytes] | None:
        """Path -> content; None for a server without a config drive. Raises Unavailable when a
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
        return drive.files(GuestData(instance=told), around, self._skip)
