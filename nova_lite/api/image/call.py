# SPDX-License-Identifier: Apache-2.0
"""A call of the Image API as handlers see it, what they answer, and a row of the route table."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nova_lite.api.links import host_url
from nova_lite.backends.image.local import LocalImages
from nova_lite.base.context import RequestContext


@dataclass(frozen=True, kw_only=True)
class Call:
    """params are the variables of the path; query has all values of each parameter; body is
    decoded JSON where the route reads one; max_size in bytes, None for no limit."""

    environ: dict[str, Any]
    context: RequestContext
    images: LocalImages
    params: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Any = None
    max_size: int | None = None

    @property
    def image_id(self) -> str:
        return self.params["id"]

    def url(self, path: str) -> str:
        """A path of this API as the caller reaches it."""
        return host_url(self.environ) + str(self.environ.get("SCRIPT_NAME", "")) + path


@dataclass(frozen=True, kw_only=True)
class Reply:
    """`content` is sent as JSON, `chunks` as they are (and closed); neither: no body."""

    status: int
    content: Any = None
    chunks: Iterable[bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One call.

    media   content types of the body; () reads none.
    stream  the handler reads the body itself.
    errors  domain classes that mean another status here than in `faults`.
    """

    method: str
    path: str
    handler: Handler
    media: tuple[str, ...] = ()
    stream: bool = False
    errors: Mapping[type[Exception], int] = field(default_factory=dict)
