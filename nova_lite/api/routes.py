# SPDX-License-Identifier: Apache-2.0
"""All routes of all resources, compiled: windows, schemas and statuses for every version."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from nova_lite.api import gone, validation
from nova_lite.api.actions.policy import RULES as ACTION_RULES
from nova_lite.api.actions.table import ROUTES as ACTIONS
from nova_lite.api.matcher import Matcher
from nova_lite.api.resources.addresses.policy import RULES as ADDRESS_RULES
from nova_lite.api.resources.addresses.routes import ROUTES as ADDRESSES
from nova_lite.api.resources.aggregates.policy import RULES as AGGREGATE_RULES
from nova_lite.api.resources.aggregates.routes import ROUTES as AGGREGATES
from nova_lite.api.resources.availability_zones.policy import RULES as ZONE_RULES
from nova_lite.api.resources.availability_zones.routes import ROUTES as ZONES
from nova_lite.api.resources.console_auth_tokens.policy import RULES as CONSOLE_TOKEN_RULES
from nova_lite.api.resources.console_auth_tokens.routes import ROUTES as CONSOLE_TOKENS
from nova_lite.api.resources.diagnostics.policy import RULES as DIAGNOSTICS_RULES
from nova_lite.api.resources.diagnostics.routes import ROUTES as DIAGNOSTICS
from nova_lite.api.resources.extensions.policy import RULES as EXTENSION_RULES
from nova_lite.api.resources.extensions.routes import ROUTES as EXTENSIONS
from nova_lite.api.resources.flavors.policy import RULES as FLAVOR_RULES
from nova_lite.api.resources.flavors.routes import ROUTES as FLAVORS
from nova_lite.api.resources.floating_ips.policy import RULES as FLOATING_IP_RULES
from nova_lite.api.resources.floating_ips.routes import ROUTES as FLOATING_IPS
from nova_lite.api.resources.hypervisors.policy import RULES as HYPERVISOR_RULES
from nova_lite.api.resources.hypervisors.routes import ROUTES as HYPERVISORS
from nova_lite.api.resources.instance_actions.policy import RULES as INSTANCE_ACTION_RULES
from nova_lite.api.resources.instance_actions.routes import ROUTES as INSTANCE_ACTIONS
from nova_lite.api.resources.interface_attachments.policy import RULES as INTERFACE_RULES
from nova_lite.api.resources.interface_attachments.routes import ROUTES as INTERFACES
from nova_lite.api.resources.keypairs.policy import RULES as KEYPAIR_RULES
from nova_lite.api.resources.keypairs.routes import ROUTES as KEYPAIRS
from nova_lite.api.resources.limits.policy import RULES as LIMIT_RULES
from nova_lite.api.resources.limits.routes import ROUTES as LIMITS
from nova_lite.api.resources.networks.policy import RULES as NETWORK_RULES
from nova_lite.api.resources.networks.routes import ROUTES as NETWORKS
from nova_lite.api.resources.quota_class_sets.policy import RULES as QUOTA_CLASS_RULES
from nova_lite.api.resources.quota_class_sets.routes import ROUTES as QUOTA_CLASSES
from nova_lite.api.resources.quota_sets.policy import RULES as QUOTA_SET_RULES
from nova_lite.api.resources.quota_sets.routes import ROUTES as QUOTA_SETS
from nova_lite.api.resources.remote_consoles.policy import RULES as REMOTE_CONSOLE_RULES
from nova_lite.api.resources.remote_consoles.routes import ROUTES as REMOTE_CONSOLES
from nova_lite.api.resources.security_groups.policy import RULES as SECURITY_GROUP_RULES
from nova_lite.api.resources.security_groups.routes import ROUTES as SECURITY_GROUPS
from nova_lite.api.resources.server_groups.policy import RULES as SERVER_GROUP_RULES
from nova_lite.api.resources.server_groups.routes import ROUTES as SERVER_GROUPS
from nova_lite.api.resources.server_metadata.policy import RULES as SERVER_METADATA_RULES
from nova_lite.api.resources.server_metadata.routes import ROUTES as SERVER_METADATA
from nova_lite.api.resources.server_password.policy import RULES as SERVER_PASSWORD_RULES
from nova_lite.api.resources.server_password.routes import ROUTES as SERVER_PASSWORD
from nova_lite.api.resources.server_security_groups.policy import (
    RULES as SERVER_SECURITY_GROUP_RULES,
)
from nova_lite.api.resources.server_security_groups.routes import ROUTES as SERVER_SECURITY_GROUPS
from nova_lite.api.resources.server_ssh.policy import RULES as SERVER_SSH_RULES
from nova_lite.api.resources.server_ssh.routes import ROUTES as SERVER_SSH
from nova_lite.api.resources.server_tags.policy import RULES as SERVER_TAG_RULES
from nova_lite.api.resources.server_tags.routes import ROUTES as SERVER_TAGS
from nova_lite.api.resources.servers.policy import RULES as SERVER_RULES
from nova_lite.api.resources.servers.routes import ROUTES as SERVERS
from nova_lite.api.resources.services.policy import RULES as SERVICE_RULES
from nova_lite.api.resources.services.routes import ROUTES as SERVICES
from nova_lite.api.resources.tenant_usage.policy import RULES as USAGE_RULES
from nova_lite.api.resources.tenant_usage.routes import ROUTES as USAGE
from nova_lite.api.route import NO_BODY, Route
from nova_lite.api.validation import Check
from nova_lite.api.versions import HISTORY
from nova_lite.api.versions.history import History
from nova_lite.base import policy

# A new resource is one line in each of the two lists.
ROUTES: Final[tuple[Route, ...]] = (
    *SERVERS,
    *ACTIONS,
    *INSTANCE_ACTIONS,
    *INTERFACES,
    *ADDRESSES,
    *SERVER_METADATA,
    *SERVER_TAGS,
    *SERVER_PASSWORD,
    *SERVER_SECURITY_GROUPS,
    *SERVER_SSH,
    *DIAGNOSTICS,
    *REMOTE_CONSOLES,
    *CONSOLE_TOKENS,
    *EXTENSIONS,
    *FLAVORS,
    *KEYPAIRS,
    *SERVER_GROUPS,
    *SERVICES,
    *HYPERVISORS,
    *LIMITS,
    *QUOTA_SETS,
    *QUOTA_CLASSES,
    *ZONES,
    *AGGREGATES,
    *USAGE,
    *NETWORKS,
    *FLOATING_IPS,
    *SECURITY_GROUPS,
)
RULES: Final[tuple[policy.Rule, ...]] = (
    *SERVER_RULES,
    *ACTION_RULES,
    *INSTANCE_ACTION_RULES,
    *INTERFACE_RULES,
    *ADDRESS_RULES,
    *SERVER_METADATA_RULES,
    *SERVER_TAG_RULES,
    *SERVER_PASSWORD_RULES,
    *SERVER_SECURITY_GROUP_RULES,
    *SERVER_SSH_RULES,
    *DIAGNOSTICS_RULES,
    *REMOTE_CONSOLE_RULES,
    *CONSOLE_TOKEN_RULES,
    *EXTENSION_RULES,
    *FLAVOR_RULES,
    *KEYPAIR_RULES,
    *SERVER_GROUP_RULES,
    *SERVICE_RULES,
    *HYPERVISOR_RULES,
    *LIMIT_RULES,
    *QUOTA_SET_RULES,
    *QUOTA_CLASS_RULES,
    *ZONE_RULES,
    *AGGREGATE_RULES,
    *USAGE_RULES,
    *NETWORK_RULES,
    *FLOATING_IP_RULES,
    *SECURITY_GROUP_RULES,
)


class Gone:
    """The entry of a call that is no more."""


GONE: Final = Gone()


@dataclass(frozen=True)
class AtVersion:
    """What a route is like at one version."""

    status: int
    query: Check
    body: Check | None


class Compiled:
    """A route with everything that depends on the version worked out.

    `at[version]` is None where the version does not offer the call.
    """

    __slots__ = ("at", "needs_body", "route")

    def __init__(self, route: Route, history: History) -> None:
        self.route = route
        self.needs_body = route.body is not NO_BODY
        queries = _per_band(history, route.name, "query", lambda v: _query(history, route, v))
        bodies: list[Check | None] = [None] * (history.newest + 1)
        if self.needs_body:
            bodies = _per_band(history, route.name, "body", lambda v: _body(history, route, v))
        self.at: list[AtVersion | None] = [
            AtVersion(
                history.status(route.name, version, route.status),
                queries[version],
                bodies[version],
            )
            if history.offered(route.name, version)
            else None
            for version in history.all_versions()
        ]


def _per_band(history: History, name: str, kind: str, make: Any) -> list[Any]:
    """One check for each band of versions, spread over all versions."""
    spread: list[Any] = [None] * (history.newest + 1)
    for band in history.bands(name, kind):
        spread[band.start : band.stop] = [make(band.start)] * len(band)
    return spread


def _query(history: History, route: Route, version: int) -> Check:
    assert route.query is not None
    return validation.query_check(history.query(route.name, route.query, version))


def _body(history: History, route: Route, version: int) -> Check:
    assert route.body is not None
    schema = history.body(route.name, route.body, version)
    return validation.body_check(schema, relaxed=history.relaxed(version))


def collect(routes: Iterable[Route] = ROUTES, history: History = HISTORY) -> Matcher:
    """The matcher of all routes. ValueError, TypeError or KeyError when a table is wrong."""
    routes = tuple(routes)
    check(routes)
    matcher = Matcher()
    for method, path in gone.CALLS:
        matcher.add(method, path, GONE)
    for route in routes:
        matcher.add(route.method, route.path, Compiled(route, history), route.action)
    return matcher


@functools.cache
def compiled_routes() -> Matcher:
    """The matcher of everything, made once: each mount point of the API has the same."""
    return collect()


def check(routes: Iterable[Route], rules: Iterable[policy.Rule] = RULES) -> None:
    """Names are unique; every rule that a route names exists."""
    known = {rule.name for rule in (*policy.BASE_RULES, *rules)}
    names: set[str] = set()
    for route in routes:
        if route.name in names:
            raise ValueError(f"two routes are called {route.name}")
        names.add(route.name)
        if isinstance(route.policy, str) and route.policy not in known:
            raise ValueError(f"route {route.name}: the rule {route.policy} is not declared")


check(ROUTES)
policy.register(RULES)


def list_policies() -> list[policy.Rule]:
    """For the sample generator (entry point group `nova_lite.policies`)."""
    return list(RULES)
