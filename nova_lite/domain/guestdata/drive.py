# SPDX-License-Identifier: Apache-2.0
"""The files of a config drive: the same documents as the metadata service's."""

import base64
from collections.abc import Collection
from typing import Final

from nova_lite.domain.guestdata import ec2, openstack
from nova_lite.domain.guestdata.value import GuestData, Surroundings

# How guests find the drive.
LABEL: Final = "config-2"


def files(data: GuestData, around: Surroundings, skip: Collection[str]) -> dict[str, bytes]:
    """Path on the drive -> content. `skip`: EC2 versions to leave out."""
    made: dict[str, bytes] = {}
    for name in (*(v for v in ec2.VERSIONS if v not in skip), ec2.LATEST):
        tree = ec2.tree(data, around, ec2.resolve(name) or name)
        made[f"ec2/{name}/meta-data.json"] = openstack.encode(tree["meta-data"])
        if "user-data" in tree:
            made[f"ec2/{name}/user-data"] = tree["user-data"]
    for name in (*openstack.VERSIONS, openstack.LATEST):
        version = openstack.resolve(name) or name
        for file in openstack.listing(data, around, version):
            content = openstack.document(data, around, version, file)
            if file != openstack.PASSWORD and content is not None:
                made[f"openstack/{name}/{file}"] = content
    for number, given in enumerate(around.files):
        content = base64.b64decode(given.contents)
        made[f"openstack/{openstack.content_path(number)}"] = content
    return made
