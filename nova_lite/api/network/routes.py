# SPDX-License-Identifier: Apache-2.0
"""The calls of the Networking API that are served."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from nova_lite.api.network import availability, elsewhere, extensions, handlers, quotas
from nova_lite.api.network.attribute import Kind
from nova_lite.api.network.call import Route
from nova_lite.api.network.kinds import KINDS
from nova_lite.api.network.policy import PREFIX
from nova_lite.api.network.versions import resources


def _of(kind: Kind) -> Iterator[Route]:
    every, one = f"{PREFIX}/{kind.path}", f"{PREFIX}/{kind.path}/{{id}}"
    yield Route(method="GET", path=every, handler=partial(handlers.index, kind))
    yield Route(method="POST", path=every, handler=partial(handlers.create, kind), reads=True)
    yield Route(method="GET", path=one, handler=partial(handlers.show, kind))
    if kind.writable:
        yield Route(method="PUT", path=one, handler=partial(handlers.update, kind), reads=True)
    yield Route(method="DELETE", path=one, handler=partial(handlers.delete, kind))


_COUNTS: Final = f"{PREFIX}/network-ip-availabilities"
_QUOTAS: Final = f"{PREFIX}/quotas"

ROUTES: Final[tuple[Route, ...]] = (
    *(route for kind in KINDS for route in _of(kind)),
    Route(method="GET", path=PREFIX, handler=resources),
    Route(method="GET", path=f"{PREFIX}/extensions", handler=extensions.index),
    Route(method="GET", path=f"{PREFIX}/extensions/{{id}}", handler=extensions.show),
    Route(method="GET", path=_QUOTAS, handler=quotas.index),
    Route(method="GET", path=f"{_QUOTAS}/tenant", handler=quotas.own),
    Route(method="GET", path=f"{_QUOTAS}/project", handler=quotas.own),
    Route(method="GET", path=f"{_QUOTAS}/{{id}}", handler=quotas.show),
    Route(method="GET", path=f"{_QUOTAS}/{{id}}/default", handler=quotas.show),
    Route(method="GET", path=f"{_QUOTAS}/{{id}}/details", handler=quotas.details),
    Route(method="PUT", path=f"{_QUOTAS}/{{id}}", handler=quotas.change),
    Route(method="DELETE", path=f"{_QUOTAS}/{{id}}", handler=quotas.forget),
    Route(method="GET", path=_COUNTS, handler=availability.index),
    Route(method="GET", path=f"{_COUNTS}/{{id}}", handler=availability.show),
    Route(method="GET", path=f"{PREFIX}/availability_zones", handler=elsewhere.zones),
    Route(method="GET", path=f"{PREFIX}/routers", handler=elsewhere.routers),
    Route(method="POST", path=f"{PREFIX}/routers", handler=elsewhere.no_router),
    Route(method="GET", path=f"{PREFIX}/agents", handler=elsewhere.agents),
)
