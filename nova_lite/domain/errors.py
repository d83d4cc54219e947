# SPDX-License-Identifier: Apache-2.0
"""Every error of the domain: a code, a message format, values that are plain JSON.

An error travels over RPC as (code, values) and is rebuilt by code on the other side. What
HTTP status it means is not said here: api/faults.py has that table, by class.
"""

from typing import Any, ClassVar

from nova_lite.domain.brief import ECHO, brief

_BY_CODE: dict[str, type["NovaLiteError"]] = {}


class NovaLiteError(Exception):
    """Root of all domain errors. `values` must be JSON; `message` is for people, and has no more
    than the ends of a long value."""

    code: ClassVar[str] = "error"
    format: ClassVar[str] = "An unknown error occurred."

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = cls.__dict__.get("code")
        if own is None:
            raise TypeError(f"{cls.__name__} has no code")
        if own in _BY_CODE:
            raise TypeError(f"error code {own!r} is taken by {_BY_CODE[own].__name__}")
        _BY_CODE[own] = cls

    def __init__(self, message: str | None = None, **values: Any) -> None:
        self.values: dict[str, Any] = values
        if message is None:
            try:
                message = self.format.format(**_told(values))
            except (KeyError, IndexError):
                message = self.format
        self.message: str = message
        super().__init__(message)


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """The values as a message has them. Reasons are our own words, and stay whole."""
    return {
        name: brief(value, ECHO) if isinstance(value, str) and name != "reason" else value
        for name, value in values.items()
    }


def from_code(code: str, values: dict[str, Any], message: str) -> NovaLiteError:
    """Rebuild an error that came over RPC; a code unknown here becomes RemoteError."""
    cls = _BY_CODE.get(code)
    if cls is None:
        return RemoteError(message, type=code, **values)
    error = cls.__new__(cls)
    NovaLiteError.__init__(error, message, **values)
    return error


def all_errors() -> dict[str, type[NovaLiteError]]:
    """Every error class by its code, for the table tests."""
    return dict(_BY_CODE)


# --- families: api/faults.py maps these, a subclass inherits its family's status ----------


class NotFound(NovaLiteError):
    code = "not_found"
    format = "Resource could not be found."


class Invalid(NovaLiteError):
    code = "invalid"
    format = "Bad Request - Invalid Parameters"


class Forbidden(NovaLiteError):
    code = "forbidden"
    format = "Forbidden"


class Conflict(NovaLiteError):
    code = "conflict"
    format = "Conflict"


class Unsupported(NovaLiteError):
    code = "unsupported"
    format = "The requested functionality is not supported."


class Gone(NovaLiteError):
    code = "gone"
    format = "This resource is no longer available. No forwarding address is given."


class Unavailable(NovaLiteError):
    code = "unavailable"
    format = "{service} is not available now: {reason}"


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached, or a transaction lost too many races."""

    code = "database_unavailable"
    format = "The {database} database is not available now: {reason}"


# --- what goes wrong between our own processes ------------------------------------------


class RemoteError(NovaLiteError):
    code = "remote_error"
    format = "Remote error: {type}"


class RpcTimeout(Unavailable):
    code = "rpc_timeout"
    format = "No answer from {topic} to {method} within {timeout} s"


class RpcTooLate(Unavailable):
    """The message arrived after its time, and was not acted on."""

    code = "rpc_too_late"
    format = "Message refused: nobody waits for the answer any more"


class RpcUnreachable(Unavailable):
    """Nobody listens at the address, or the broker cannot be reached."""

    code = "rpc_unreachable"
    format = "{service} cannot be reached: {reason}"


class BadMessage(NovaLiteError):
    code = "bad_message"
    format = "Message refused: {reason}"


class UnsupportedVersion(NovaLiteError):
    code = "unsupported_version"
    format = "{contract} {wanted} was asked for, this service has {has}"


class SchemaVersionMismatch(NovaLiteError):
    code = "schema_version_mismatch"
    format = "The {which} database is at revision {found}, this release needs {wanted}"


class ConfigurationError(NovaLiteError):
    code = "configuration"
    format = "Option {option}: {reason}"


# --- policy and quota ---------------------------------------------------------------------


class PolicyNotAuthorized(Forbidden):
    code = "policy_not_authorized"
    format = "Policy doesn't allow {rule} to be performed."


class OverQuota(Forbidden):
    """values: overs (names), requested, used, limit: one entry for each of overs."""

    code = "over_quota"
    format = (
        "Quota exceeded for {names}: Requested {requested_text}, but already used "
        "{used_text} of {limit_text} {names}"
    )


class ResourceLimitExceeded(Forbidden):
    """A limit of another kind: keypairs, server groups, metadata items."""

    code = "limit_exceeded"
    format = "Quota exceeded, too many {resource}."


# --- servers ------------------------------------------------------------------------------


class InstanceNotFound(NotFound):
    code = "instance_not_found"
    format = "Instance {instance_id} could not be found."


class InstanceStateConflict(Conflict):
    """The life-cycle table refuses. values: action, instance_id, attr, state."""

    code = "instance_state_conflict"
    format = "Cannot '{action}' instance {instance_id} while it is in {attr} {state}"


class InstanceChanged(Conflict):
    """A compare-and-swap found other values than expected."""

    code = "instance_changed"
    format = "Instance {instance_id} changed: expected {expected}, found {actual}"


class InstanceIsLocked(Conflict):
    code = "instance_locked"
    format = "Instance {instance_id} is locked"


class InstanceNotReady(Conflict):
    """The server has no host yet, so nothing can be asked of its guest."""

    code = "instance_not_ready"
    format = "Instance {instance_id} is not ready"


class HostUnavailable(Conflict):
    code = "host_unavailable"
    format = "Service is unavailable at this time."


class GuestPasswordExists(Conflict):
    code = "guest_password_exists"
    format = "Instance {instance_id} has a password already."


class InstanceExists(Conflict):
    code = "instance_exists"
    format = "Instance {name} already exists."


class FaultedBuild(NovaLiteError):
    """A host could not build; another one may (reschedule)."""

    code = "build_failed"
    format = "Build of instance {instance_id} failed: {reason}"


class BuildAborted(NovaLiteError):
    """No host would do better: bad image, bad request. Not retried."""

    code = "build_aborted"
    format = "Build of instance {instance_id} aborted: {reason}"


class NoValidHost(NovaLiteError):
    """values: reason (no host names), verdicts (list of plain dicts, for operators)."""

    code = "no_valid_host"
    format = "No valid host was found. {reason}"


class MaxRetriesExceeded(NovaLiteError):
    """values: reason (of the last host), attempts (for operators: one line for each host)."""

    code = "max_retries_exceeded"
    format = "Exceeded maximum number of retries. {reason}"


class GroupPolicyBroken(NovaLiteError):
    """Another member of the server's group was placed meanwhile. Other hosts may do."""

    code = "group_policy_broken"
    format = "The {policy} policy of group {group_id} does not allow this host any more"


class DeadlinePassed(NovaLiteError):
    """An operation took longer than it may. values: what (the action), step."""

    code = "deadline_passed"
    format = "{what} did not end in time (at {step})"


class ClaimRefused(NovaLiteError):
    """An allocation does not fit any more. values: host, resource, requested, free."""

    code = "claim_refused"
    format = "{host} has no room: {resource} {requested} wanted, {free} free"


class GuestNotFound(NotFound):
    """The hypervisor does not know the guest."""

    code = "guest_not_found"
    format = "Guest {name} could not be found."


class HypervisorUnavailable(Unavailable):
    code = "hypervisor_unavailable"
    format = "Connection to the hypervisor is broken on host {host}: {reason}"


class GuestOperationFailed(NovaLiteError):
    code = "guest_operation_failed"
    format = "{operation} of guest {name} failed: {reason}"


class ActionUnsupported(Unsupported):
    """The driver of the server's host has no such ability."""

    code = "action_unsupported"
    format = "{action} is not supported by the hypervisor of this server."


class InstanceNotRescuable(Invalid):
    code = "instance_not_rescuable"
    format = "Instance {instance_id} cannot be rescued: {reason}"


class ConsoleLogUnavailable(Conflict):
    code = "console_log_unavailable"
    format = "Unable to get console log: {reason}"


class SshNotForwarded(Conflict):
    """The guest has no interface in user mode, or its host forwards no ports."""

    code = "ssh_not_forwarded"
    format = "No port leads to the ssh server of instance {instance_id}: use its addresses."


class ConsoleTypeUnavailable(Invalid):
    """No host offers it, or that of the server does not."""

    code = "console_type_unavailable"
    format = "Unavailable console type {console_type}."


class ConsoleTokenNotFound(NotFound):
    """The token is not in `values`: errors are logged."""

    code = "console_token_not_found"
    format = "Token not found"


class ConsoleTokenRefused(Forbidden):
    """values: reason, for the person in front of the console."""

    code = "console_token_refused"
    format = "{reason}"


class InstanceActionNotFound(NotFound):
    code = "instance_action_not_found"
    format = "Action for request_id {request_id} on instance {instance_id} not found"


class MarkerNotFound(Invalid):
    code = "marker_not_found"
    format = "marker [{marker}] not found"


# --- flavors, keypairs, groups ------------------------------------------------------------


class FlavorNotFound(NotFound):
    code = "flavor_not_found"
    format = "Flavor {flavor_id} could not be found."


class FlavorExists(Conflict):
    code = "flavor_exists"
    format = "Flavor with name {name} already exists."


class FlavorIdExists(Conflict):
    code = "flavor_id_exists"
    format = "Flavor with ID {flavor_id} already exists."


class FlavorAccessExists(Conflict):
    code = "flavor_access_exists"
    format = (
        "Flavor access already exists for flavor {flavor_id} and project {project_id} combination."
    )


class FlavorAccessNotFound(NotFound):
    code = "flavor_access_not_found"
    format = "Flavor access not found for {flavor_id} / {project_id} combination."


class FlavorExtraSpecNotFound(NotFound):
    code = "flavor_extra_spec_not_found"
    format = "Flavor {flavor_id} has no extra specs with key {key}."


class KeypairNotFound(NotFound):
    code = "keypair_not_found"
    format = "Keypair {name} not found for user {user_id}"


class KeypairExists(Conflict):
    code = "keypair_exists"
    format = "Key pair '{name}' already exists."


class ServerGroupNotFound(NotFound):
    code = "server_group_not_found"
    format = "Instance group {group_id} could not be found."


class QuotaInvalid(Invalid):
    code = "quota_invalid"
    format = "{reason}"


# --- hosts --------------------------------------------------------------------------------


class ServiceNotFound(NotFound):
    code = "service_not_found"
    format = "Service {service_id} could not be found."


class ComputeHostNotFound(NotFound):
    code = "compute_host_not_found"
    format = "Compute host {host} could not be found."


class ServiceBusy(Conflict):
    code = "service_busy"
    format = "Unable to delete compute service that is hosting instances. {reason}"


# --- images, networks, volumes ------------------------------------------------------------


class ImageNotFound(NotFound):
    code = "image_not_found"
    format = "Image {image_id} could not be found."


class ImageUnacceptable(Invalid):
    """The image cannot be used: wrong checksum, truncated, outside references, too large."""

    code = "image_unacceptable"
    format = "Image {image_id} is unacceptable: {reason}"


class ImageNotActive(Invalid):
    code = "image_not_active"
    format = "Image {image_id} is not active."


class FlavorTooSmall(Invalid):
    code = "flavor_too_small"
    format = (
        "Flavor's {what} is too small for requested image. Flavor {what} is {has}, minimum {needs}."
    )


class ImageConflict(Conflict):
    code = "image_conflict"
    format = "Image {image_id}: {reason}"


class ImageStoreUnavailable(Unavailable):
    code = "image_store_unavailable"
    format = "Image service is unavailable: {reason}"


class NetworkNotFound(Invalid):
    code = "network_not_found"
    format = "Network {network_id} could not be found."


class NetworkUnavailable(Unavailable):
    code = "network_unavailable"
    format = "Network service is unavailable: {reason}"


class HostNetworkUnavailable(NetworkUnavailable):
    """On one host, now."""

    code = "host_network_unavailable"


class NetworkNotOnHost(Conflict):
    """It will not be there before its operator changes something; another host may have it."""

    code = "network_not_on_host"
    format = "Not possible on host {host}: {reason}"


class NetworkAmbiguous(Invalid):
    code = "network_ambiguous"
    format = "Multiple possible networks found, use a Network ID to be more specific."


class PortNotUsable(Invalid):
    code = "port_not_usable"
    format = "Port {port_id} not usable for instance {instance_id}."


class PortNotFound(PortNotUsable):
    code = "port_not_found"
    format = "Port {port_id} could not be found."


class PortInUse(PortNotUsable):
    code = "port_in_use"
    format = "Port {port_id} is still in use."


class FixedIpInUse(Invalid):
    code = "fixed_ip_in_use"
    format = "Fixed IP address {address} is already in use."


class NoMoreFixedIps(Invalid):
    code = "no_more_fixed_ips"
    format = "No fixed IP addresses available for network: {network_id}"


class ExternalNetworkForbidden(Forbidden):
    code = "external_network_forbidden"
    format = "It is not allowed to create an interface on external network {network_id}"


class SecurityGroupNotFound(NotFound):
    code = "security_group_not_found"
    format = "Security group {name} not found for project {project_id}."


class SecurityGroupNotUsable(Invalid):
    code = "security_group_not_usable"
    format = "Security group {name} cannot be applied to instance {instance_id}: {reason}"


class AggregateNotFound(NotFound):
    code = "aggregate_not_found"
    format = "Aggregate {aggregate_id} could not be found."


class AggregateHostNotFound(NotFound):
    code = "aggregate_host_not_found"
    format = "Aggregate {aggregate_id} has no host {host}."


class AggregateExists(Conflict):
    code = "aggregate_exists"
    format = "Aggregate {name} already exists."


class AggregateHostExists(Conflict):
    code = "aggregate_host_exists"
    format = "Aggregate {aggregate_id} already has host {host}."


class InvalidAggregateAction(Conflict):
    code = "invalid_aggregate_action"
    format = "Unable to {action} aggregate {aggregate_id}. Reason: {reason}"


class InterfaceAttachFailed(NovaLiteError):
    code = "interface_attach_failed"
    format = "Failed to attach network adapter device to {instance_id}: {reason}"


class InterfaceNotFound(NotFound):
    code = "interface_not_found"
    format = "Port id {port_id} not found on instance {instance_id}."


class VolumeNotFound(Invalid):
    code = "volume_not_found"
    format = "Volume {volume_id} could not be found."


class VolumeUnavailable(Unavailable):
    code = "volume_unavailable"
    format = "Volume service is unavailable: {reason}"
