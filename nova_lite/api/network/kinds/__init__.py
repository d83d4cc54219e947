# SPDX-License-Identifier: Apache-2.0
"""The kinds of resources. A new one is a module, and a line in the list."""

from typing import Final

from nova_lite.api.network.attribute import Kind
from nova_lite.api.network.kinds.floating_ip import FLOATING_IP
from nova_lite.api.network.kinds.network import NETWORK
from nova_lite.api.network.kinds.port import PORT
from nova_lite.api.network.kinds.security_group import SECURITY_GROUP
from nova_lite.api.network.kinds.security_group_rule import SECURITY_GROUP_RULE
from nova_lite.api.network.kinds.subnet import SUBNET

KINDS: Final[tuple[Kind, ...]] = (
    NETWORK,
    SUBNET,
    PORT,
    FLOATING_IP,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
)
