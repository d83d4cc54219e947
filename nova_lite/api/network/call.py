# SPDX-License-Identifier: Apache-2.0
"""A call of the Networking API as handlers see it, what they answer, and a row of the routes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nova_lite.api.links import host_url
from nova_lite.base.context import RequestContext


@dataclass(frozen=True, kw_only=True)
class Call:
    """params are the variables of the path; query has all values of each parameter; body is
    decoded JSON where the route reads one; conductor is its RPC client."""

    environ: dict[str, Any]
    context: RequestContext
    conductor: Any
    params: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Any = None

    @property
    def id(self) -> str:
        return self.params["id"]

    def url(self, path: str) -> str:
        """A path of this API as the caller reaches it."""
        return host_url(self.environ) + str(self.environ.get("SCRIPT_NAME", "")) + path


@dataclass(frozen=True)
class Reply:
    """`content` is sent as JSON; None: no body."""

    status: int
    content: Any = None


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call; `reads`: it has a body."""

    method: str
    path: str
    handler: Handler
    reads: bool = False
