# SPDX-License-Identifier: Apache-2.0
"""Names and addresses that follow from ids. Devices of ours begin with `nl`.

A network has a bridge in the host's own namespace and a namespace of its own, which are joined
by one pair of devices; another pair leads from the namespace to the host.
"""

import hashlib
import ipaddress
from typing import Final

from nova_lite.domain.network import bridge_name

METADATA_ADDRESS: Final = "169.254.169.254"
METADATA_PORT: Final = 80

# Inside the namespace of a network:
INNER: Final = "net0"  # towards the guests
OUTER: Final = "up0"  # towards the host

OURS: Final = ("nlb", "nlg", "nlu", "nlx", "nlv", "nlp", "nlq")


def _part(network_id: str) -> str:
    return bridge_name(network_id).removeprefix("nlb")


def inner_peer(network_id: str) -> str:
    """The end at the bridge of what is INNER in the namespace."""
    return f"nlg{_part(network_id)}"


def outer_peer(network_id: str) -> str:
    """The end at the host of what is OUTER in the namespace."""
    return f"nlu{_part(network_id)}"


def tunnel_name(network_id: str) -> str:
    return f"nlx{_part(network_id)}"


def vlan_name(network_id: str) -> str:
    return f"nlv{_part(network_id)}"


def patch_names(network_id: str) -> tuple[str, str]:
    """A pair that joins our bridge (first) to a bridge of the operator's."""
    return f"nlp{_part(network_id)}", f"nlq{_part(network_id)}"


def of_network(network_id: str) -> list[str]:
    """Every device that this daemon may have made for a network."""
    return [f"{start}{_part(network_id)}" for start in OURS]


def gateway_mac(network_id: str) -> str:
    """The same on each host: a guest that moves need not learn another. Guests have fa:16:3e."""
    digest = hashlib.sha256(network_id.encode()).digest()
    return "fa:16:3f:{:02x}:{:02x}:{:02x}".format(*digest[:3])


def link_local(mac: str) -> str:
    """The IPv6 link-local address that follows from a MAC address (EUI-64)."""
    part = bytes.fromhex(mac.replace(":", ""))
    eui = bytes([part[0] ^ 2]) + part[1:3] + b"\xff\xfe" + part[3:]
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + eui))


def table_name(state_path: str) -> str:
    """Our nftables tables in the host's namespace; another installation has others."""
    return f"nova_lite_{hashlib.sha256(state_path.encode()).hexdigest()[:6]}"
