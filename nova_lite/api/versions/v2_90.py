# SPDX-License-Identifier: Apache-2.0
"""The host name of a server can be chosen, and is shown to everybody who may see the server."""

from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.api.versions.change import Change, without

CHANGE = Change(
    number=90,
    title="`hostname` at create/update/rebuild; hostname visible to everyone",
    body={
        "servers.create": without("server", "hostname"),
        "servers.update": without("server", "hostname"),
        "servers.action.rebuild": without("rebuild", "hostname"),
    },
    behaviours=(Behaviour.HOSTNAME_FOR_ALL,),
)
