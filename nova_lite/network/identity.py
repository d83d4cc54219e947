# SPDX-License-Identifier: Apache-2.0
"""Which server asks for its metadata: found by network and source address, told to the metadata
service in signed headers. Pure."""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from nova_lite.domain.network import HostNetworks


@dataclass(frozen=True)
class Asker:
    instance_id: str
    project_id: str


Directory = Mapping[tuple[str, str], Asker]


def directory(networks: HostNetworks) -> Directory:
    """(network, address) -> who has it. The rules of the host see to it that nobody else sends
    from it."""
    return {
        (entry.network.id, str(ipaddress.ip_address(item.address))): Asker(
            port.instance_id, port.project_id
        )
        for entry in networks.networks
        for port in entry.ports
        for item in port.addresses
        if port.instance_id
    }


def headers(asker: Asker, source: str, secret: str) -> dict[str, str]:
    """What the relay says to the metadata service."""
    signature = hmac.new(secret.encode(), asker.instance_id.encode(), hashlib.sha256)
    return {
        "X-Instance-ID": asker.instance_id,
        "X-Tenant-ID": asker.project_id,
        "X-Instance-ID-Signature": signature.hexdigest(),
        "X-Forwarded-For": source,
    }
