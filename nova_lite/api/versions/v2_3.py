# SPDX-License-Identifier: Apache-2.0
"""More inner attributes of servers, and whether volumes go with them."""

from nova_lite.api.versions.change import Change, Drop, on
from nova_lite.api.versions.servers import READ, inside

CHANGE = Change(
    number=3,
    title=(
        "Extended server attributes: hostname, kernel_id, ramdisk_id, launch_index, "
        "reservation_id, root_device_name, user_data; volumes_attached gets "
        "delete_on_termination"
    ),
    response=on(
        READ,
        Drop(
            "OS-EXT-SRV-ATTR:hostname",
            "OS-EXT-SRV-ATTR:kernel_id",
            "OS-EXT-SRV-ATTR:launch_index",
            "OS-EXT-SRV-ATTR:ramdisk_id",
            "OS-EXT-SRV-ATTR:reservation_id",
            "OS-EXT-SRV-ATTR:root_device_name",
            "OS-EXT-SRV-ATTR:user_data",
        ),
        inside("os-extended-volumes:volumes_attached", "delete_on_termination"),
    ),
)
