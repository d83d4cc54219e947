# SPDX-License-Identifier: Apache-2.0
"""The console proxies as services: nova-lite-novncproxy, -serialproxy, -spicehtml5proxy."""

from typing import Any

from nova_lite.base.service import Service
from nova_lite.console.kinds import NOVNC, SERIAL, SPICE, Kind
from nova_lite.console.proxy import Proxy
from nova_lite.rpc.clients import Clients
from nova_lite.rpc.port import Bus


def build(conf: Any, bus: Bus, clients: Clients, *, kind: Kind) -> Service:
    """One of them."""
    return Service(kind.prog, [Proxy(conf, kind, clients)])


def build_novnc(conf: Any, bus: Bus, clients: Clients) -> Service:
    return build(conf, bus, clients, kind=NOVNC)


def build_serial(conf: Any, bus: Bus, clients: Clients) -> Service:
    return build(conf, bus, clients, kind=SERIAL)


def build_spice(conf: Any, bus: Bus, clients: Clients) -> Service:
    return build(conf, bus, clients, kind=SPICE)
