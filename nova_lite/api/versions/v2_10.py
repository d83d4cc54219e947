# SPDX-License-Identifier: Apache-2.0
"""Administrators may act on other users' key pairs."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, no_params, without

CHANGE = Change(
    number=10,
    title="Admin may act on other users' keypairs through user_id",
    body={"keypairs.create": without("keypair", "user_id")},
    query={
        "keypairs.list": no_params("user_id"),
        "keypairs.show": no_params("user_id"),
        "keypairs.delete": no_params("user_id"),
    },
    behaviours=(Behaviour.KEYPAIRS_OF_OTHERS,),
)
