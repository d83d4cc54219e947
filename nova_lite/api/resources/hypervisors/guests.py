# SPDX-License-Identifier: Apache-2.0
"""The servers of a hypervisor, as every microversion shows them."""

from nova_lite.domain.host import ComputeNode


def servers_of(node: ComputeNode) -> list[dict[str, str]]:
    return [{"name": server.name, "uuid": server.uuid} for server in node.servers]
