# SPDX-License-Identifier: Apache-2.0
"""A request as handlers and views see it."""

from collections.abc import Mapping
from typing import Any

from nova_lite.api.links import Links
from nova_lite.api.versions.behaviours import Behaviour
from nova_lite.base import policy
from nova_lite.base.context import RequestContext


class Request:
    """One call of a route, validated.

    params   variables of the path, by name.
    query    parameters, each with all its values in order.
    links    builds the URLs of answers.
    conf     the configuration.
    target   what `Route.target` loaded, else None.
    """

    __slots__ = (
        "_allowed",
        "_behaviours",
        "conf",
        "context",
        "environ",
        "links",
        "params",
        "query",
        "target",
        "version",
    )

    def __init__(
        self,
        *,
        environ: dict[str, Any],
        context: RequestContext,
        conf: Any,
        version: int,
        behaviours: frozenset[Behaviour],
        params: Mapping[str, str],
        query: Mapping[str, list[str]],
        links: Links,
    ) -> None:
        self.environ = environ
        self.context = context
        self.conf = conf
        self.version = version
        self.params = params
        self.query = query
        self.links = links
        self.target: Any = None
        self._behaviours = behaviours
        self._allowed: dict[str, bool] = {}

    @property
    def project_id(self) -> str:
        """The caller's project; empty for a token without, which no policy lets through."""
        return self.context.project_id or ""

    @property
    def user_id(self) -> str:
        """The caller; empty only in requests that nobody authenticated."""
        return self.context.user_id or ""

    def has(self, behaviour: Behaviour) -> bool:
        """Whether the microversion of this request has a behaviour."""
        return behaviour in self._behaviours

    def param(self, name: str) -> str | None:
        """The last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else None

    def allowed(self, rule: str) -> bool:
        """Whether the caller may, in his own project: for what is shown or taken notice of."""
        known = self._allowed.get(rule)
        if known is None:
            known = self._allowed[rule] = policy.allowed(self.context, rule)
        return known

    def authorize(self, rule: str, target: Mapping[str, Any] | None = None) -> None:
        """PolicyNotAuthorized unless the caller may. `target` has project_id and user_id."""
        policy.authorize(self.context, rule, target)
