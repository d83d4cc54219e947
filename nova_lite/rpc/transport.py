# SPDX-License-Identifier: Apache-2.0
"""The bus that the configuration asks for: RabbitMQ (rabbit.py) or in-process (memory.py)."""

from typing import Any

from nova_lite.rpc.port import Bus, Dispatch, ServerHandle

__all__ = ["Bus", "Dispatch", "ServerHandle", "make_bus"]


def make_bus(conf: Any) -> Bus:
    """The adapter that `transport_url` asks for."""
    url = conf.transport_url or ""
    if url.startswith("memory:"):
        from nova_lite.rpc.memory import MemoryBus

        return MemoryBus()
    from nova_lite.rpc.rabbit import RabbitBus

    return RabbitBus(conf)
