# SPDX-License-Identifier: Apache-2.0
"""What the calls about extensions do.

Nothing is an extension any more. Old clients decide by this list what they offer, so it names what
is served here, under the aliases that they know."""

from typing import Any, Final

import msgspec

from nova_lite.api.request import Request
from nova_lite.domain import errors


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    alias: str
    name: str


def _named(alias: str, name: str) -> Extension:
    return Extension(alias=alias, name=name)


EXTENSIONS: Final = (
    _named("OS-DCF", "DiskConfig"),
    _named("OS-EXT-AZ", "ExtendedAvailabilityZone"),
    _named("OS-EXT-SRV-ATTR", "ExtendedServerAttributes"),
    _named("OS-EXT-STS", "ExtendedStatus"),
    _named("OS-FLV-DISABLED", "FlavorDisabled"),
    _named("OS-FLV-EXT-DATA", "FlavorExtraData"),
    _named("OS-SCH-HNT", "SchedulerHints"),
    _named("OS-SRV-USG", "ServerUsage"),
    _named("os-admin-actions", "AdminActions"),
    _named("os-admin-password", "AdminPassword"),
    _named("os-aggregates", "Aggregates"),
    _named("os-attach-interfaces", "AttachInterfaces"),
    _named("os-availability-zone", "AvailabilityZone"),
    _named("os-console-auth-tokens", "ConsoleAuthTokens"),
    _named("os-console-output", "ConsoleOutput"),
    _named("os-deferred-delete", "DeferredDelete"),
    _named("os-flavor-access", "FlavorAccess"),
    _named("os-flavor-extra-specs", "FlavorExtraSpecs"),
    _named("os-flavor-manage", "FlavorManage"),
    _named("os-floating-ip-pools", "FloatingIpPools"),
    _named("os-floating-ips", "FloatingIps"),
    _named("os-hypervisors", "Hypervisors"),
    _named("os-instance-actions", "InstanceActions"),
    _named("os-keypairs", "Keypairs"),
    _named("os-lock-server", "LockServer"),
    _named("os-multiple-create", "MultipleCreate"),
    _named("os-networks", "Networks"),
    _named("os-pause-server", "PauseServer"),
    _named("os-quota-class-sets", "QuotaClassSets"),
    _named("os-quota-sets", "QuotaSets"),
    _named("os-remote-consoles", "Consoles"),
    _named("os-security-groups", "SecurityGroups"),
    _named("os-server-diagnostics", "ServerDiagnostics"),
    _named("os-server-groups", "ServerGroups"),
    _named("os-services", "Services"),
    _named("os-simple-tenant-usage", "SimpleTenantUsage"),
    _named("os-suspend-server", "SuspendServer"),
    _named("os-tenant-networks", "OSTenantNetworks"),
    _named("os-used-limits", "UsedLimits"),
    _named("os-user-quotas", "UserQuotas"),
)


def index(request: Request, clients: Any, target: None, body: None) -> tuple[Extension, ...]:
    """GET /extensions"""
    return EXTENSIONS


def show(request: Request, clients: Any, target: None, body: None) -> Extension:
    """GET /extensions/{id}"""
    alias = request.params["id"]
    for extension in EXTENSIONS:
        if extension.alias == alias:
            return extension
    raise errors.NotFound(f"Extension {alias} could not be found.")
