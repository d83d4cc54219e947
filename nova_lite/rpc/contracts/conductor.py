# SPDX-License-Identifier: Apache-2.0
"""What the conductor answers: every read and every write of the databases.

Calls act with the rights of the context: an instance, group or keypair of another project
is not found unless context.is_admin. Policy is the API's business.
"""

from typing import Any

from nova_lite.domain.aggregate import Aggregate
from nova_lite.domain.console import ConsoleAccess, ConsoleConnection, ConsoleType
from nova_lite.domain.devices import NetworkWish, Vif
from nova_lite.domain.diagnostics import Diagnostics
from nova_lite.domain.events import ActionQuery, InstanceAction
from nova_lite.domain.flavor import Flavor, FlavorAccess, FlavorQuery
from nova_lite.domain.group import GroupQuery, ServerGroup
from nova_lite.domain.guestdata.value import GuestData
from nova_lite.domain.host import (
    AvailabilityZone,
    ComputeNode,
    HostDelta,
    NodeReport,
    Service,
)
from nova_lite.domain.instance import Instance, InstanceChanges, InstanceQuery, TagChange
from nova_lite.domain.keypair import Keypair, KeypairQuery
from nova_lite.domain.network import HostNetworks, SecurityGroup
from nova_lite.domain.network_query import NetworkKind, NetworkQuery
from nova_lite.domain.quota import QuotaSet
from nova_lite.domain.request import CreatedServers, CreateServers, Explanation, RebuildServer
from nova_lite.domain.ssh import SshAddress
from nova_lite.domain.states import Action, PowerState
from nova_lite.domain.usage import ServerUsage, UsageQuery
from nova_lite.rpc.contract import RawJson, method


class Conductor:
    TOPIC = "conductor"
    VERSION = "1.0"

    # --- servers ---------------------------------------------------------------------------

    @method(since="1.0", kind="call")
    def create_servers(self, *, request: CreateServers) -> CreatedServers:
        """Look up, check quota, write; the build goes on behind. Nothing is written when
        anything is refused."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_instance(self, *, uuid: str) -> Instance:
        """With tags, block devices, fault (of ERROR and deleted ones), host_status,
        server_group. Raises InstanceNotFound."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_instances(self, *, query: InstanceQuery, summary: bool) -> RawJson:
        """JSON text of list[InstanceSummary] or list[Instance] (as get_instance, but
        without server_group). Raises MarkerNotFound."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def update_instance(self, *, uuid: str, changes: InstanceChanges) -> Instance:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def change_metadata(
        self, *, uuid: str, changes: dict[str, str | None], replace: bool = False
    ) -> dict[str, str]:
        """What it is afterwards. None takes a key away; `replace`: all others go. Raises
        InstanceNotFound, InstanceStateConflict, InstanceIsLocked, ResourceLimitExceeded."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def change_tags(
        self, *, uuid: str, add: list[str], remove: list[str], replace: bool = False
    ) -> TagChange:
        """`replace`: `add` are all. Raises InstanceNotFound, InstanceStateConflict, Invalid
        for more than 50."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def begin_action(
        self,
        *,
        uuid: str,
        action: Action,
        params: dict[str, Any],
        secrets: dict[str, str] | None = None,
    ) -> None:
        """Compare and swap into the action's doing-state and start its flow.

        params: lock {"reason"}, reset_state {"state"}, detach_interface {"port_id"}, rescue
        {"image_ref"}; others {}. secrets, which are never stored: change_password and rescue
        {"admin_pass"}.
        Raises InstanceStateConflict, InstanceIsLocked, InstanceNotReady, HostUnavailable,
        ActionUnsupported. DELETE turns into SOFT_DELETE where so configured.
        """
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def rebuild_server(self, *, uuid: str, request: RebuildServer) -> Instance:
        """Begin to make the guest anew; the server as it is then. Nothing is written when
        anything is refused. Raises Invalid, ResourceLimitExceeded, ImageNotActive,
        FlavorTooSmall, InstanceExists (its name), and what `begin_action` raises."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def attach_interface(self, *, uuid: str, wish: NetworkWish) -> Vif:
        """One more interface; the answer comes when the guest has it. Raises NetworkNotFound,
        NetworkAmbiguous, PortNotFound, PortInUse, FixedIpInUse, InterfaceAttachFailed, and
        what `begin_action` raises."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def create_image(
        self, *, uuid: str, name: str, metadata: dict[str, str], limited: bool = False
    ) -> str:
        """The id of a new image that will get the data of the server's disk: it is there, and
        waits, when the answer comes. `limited`: its metadata is limited by quota. Raises
        Forbidden, ImageStoreUnavailable, Invalid, and what `begin_action` raises."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="long")
    def create_backup(
        self,
        *,
        uuid: str,
        name: str,
        backup_type: str,
        rotation: int,
        metadata: dict[str, str],
        limited: bool = False,
    ) -> str | None:
        """As create_image; then only `rotation` backups of this type stay. None without a new
        image: rotation 0 deletes all of them."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_console_output(self, *, uuid: str, length: int | None) -> str:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def create_console(self, *, uuid: str, kind: ConsoleType) -> ConsoleAccess:
        """A new token for a console of a server that runs; each call makes one more. Raises
        InstanceNotReady, HostUnavailable, ConsoleTypeUnavailable, ActionUnsupported."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def show_console_token(self, *, token: str) -> ConsoleConnection:
        """What a token that has not expired is for. Raises ConsoleTokenNotFound."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def check_console_token(self, *, token: str, kinds: list[ConsoleType]) -> ConsoleConnection:
        """For proxies that speak `kinds`: where the console is now. This uses the token: where
        [consoleauth] single_use is set, the second call is refused. Raises
        ConsoleTokenRefused, with a reason for who sits in front of the console."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_diagnostics(self, *, uuid: str) -> Diagnostics:
        """Raises InstanceNotReady, HostUnavailable, ActionUnsupported."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_ssh_address(self, *, uuid: str) -> SshAddress:
        """Of a guest in user mode. Raises InstanceNotReady, SshNotForwarded, HostUnavailable."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_guest_data(self, *, uuid: str) -> GuestData:
        """For the metadata service and config drives. Raises InstanceNotFound."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def set_guest_password(self, *, uuid: str, password: str) -> None:
        """What a guest says its password is, encrypted; '' forgets it. Raises InstanceNotFound,
        Invalid for more than 1020 characters, GuestPasswordExists (unless it is '')."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def explain(self, *, uuid: str) -> Explanation:
        """Why the last placement of this server failed. Raises NotFound if none did."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_actions(self, *, query: ActionQuery) -> list[InstanceAction]:
        """Newest first, without events. Deleted servers are found too."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_action(self, *, instance_uuid: str, request_id: str) -> InstanceAction:
        """With events."""
        raise AssertionError("a contract has no body")

    # --- flavors -----------------------------------------------------------------------------

    @method(since="1.0", kind="call")
    def list_flavors(self, *, query: FlavorQuery) -> list[Flavor]:
        """For those who are not admin: public ones and those the project has access to."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_flavor(self, *, flavorid: str) -> Flavor:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def create_flavor(self, *, flavor: Flavor) -> Flavor:
        """An empty flavorid is replaced by a new uuid."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def update_flavor(self, *, flavorid: str, description: str | None) -> Flavor:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_flavor(self, *, flavorid: str) -> None:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def set_extra_specs(self, *, flavorid: str, specs: dict[str, str]) -> dict[str, str]:
        """Add or replace these keys; returns all."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_extra_spec(self, *, flavorid: str, key: str) -> None:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_flavor_access(self, *, flavorid: str) -> list[FlavorAccess]:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def add_flavor_access(self, *, flavorid: str, project_id: str) -> list[FlavorAccess]:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def remove_flavor_access(self, *, flavorid: str, project_id: str) -> list[FlavorAccess]:
        raise AssertionError("a contract has no body")

    # --- keypairs ----------------------------------------------------------------------------

    @method(since="1.0", kind="call")
    def list_keypairs(self, *, query: KeypairQuery) -> list[Keypair]:
        """By name."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_keypair(self, *, user_id: str, name: str) -> Keypair:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def create_keypair(self, *, keypair: Keypair) -> Keypair:
        """Checks the user's key_pairs quota."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_keypair(self, *, user_id: str, name: str) -> None:
        raise AssertionError("a contract has no body")

    # --- server groups -------------------------------------------------------------------------

    @method(since="1.0", kind="call")
    def list_groups(self, *, query: GroupQuery) -> list[ServerGroup]:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_group(self, *, uuid: str) -> ServerGroup:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def create_group(self, *, group: ServerGroup) -> ServerGroup:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_group(self, *, uuid: str) -> None:
        raise AssertionError("a contract has no body")

    # --- quota ---------------------------------------------------------------------------------

    @method(since="1.0", kind="call")
    def get_quota(self, *, project_id: str, user_id: str | None = None) -> QuotaSet:
        """Limits and usage of every name in quota.NAMES."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_quota_defaults(self) -> dict[str, int]:
        """The default class, else the options."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def set_quota(
        self,
        *,
        project_id: str,
        user_id: str | None,
        limits: dict[str, int],
        force: bool = False,
    ) -> QuotaSet:
        """Raises QuotaInvalid for a limit below current use unless forced."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_quota(self, *, project_id: str, user_id: str | None = None) -> None:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_quota_class(self, *, name: str) -> dict[str, int]:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def set_quota_class(self, *, name: str, limits: dict[str, int]) -> dict[str, int]:
        raise AssertionError("a contract has no body")

    # --- services and hosts ----------------------------------------------------------------------

    @method(since="1.0", kind="call")
    def report_service(
        self, *, binary: str, host: str, topic: str, version: int, wire_level: int
    ) -> Service:
        """The heartbeat; the first one makes the row (disabled unless enable_new_services)."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_services(self, *, host: str | None = None, binary: str | None = None) -> list[Service]:
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def update_service(
        self,
        *,
        uuid: str,
        disabled: bool | None = None,
        disabled_reason: str | None = None,
        forced_down: bool | None = None,
    ) -> Service:
        """None = leave alone; enabling clears the reason."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_service(self, *, uuid: str) -> None:
        """Raises ServiceBusy while the host has servers."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def report_node(self, *, host: str, report: NodeReport) -> None:
        """Inventory and facts of a node; makes compute node, provider and host mapping."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_compute_nodes(
        self,
        *,
        hostname_pattern: str | None = None,
        uuid: str | None = None,
        with_servers: bool = False,
        limit: int | None = None,
        marker: str | None = None,
    ) -> list[ComputeNode]:
        """By id. `hostname_pattern` matches a part of the hypervisor host name."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_availability_zones(self, *, detail: bool = False) -> list[AvailabilityZone]:
        """Without detail: only zones with compute hosts, never "internal"."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_aggregates(self) -> list[Aggregate]:
        """By id."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def create_aggregate(self, *, name: str, zone: str | None = None) -> Aggregate:
        """Raises AggregateExists."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def update_aggregate(
        self,
        *,
        aggregate_id: int,
        name: str | None = None,
        metadata: dict[str, str | None] | None = None,
    ) -> Aggregate:
        """None in `metadata` takes a key away. Raises AggregateNotFound, AggregateExists,
        InvalidAggregateAction."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def add_aggregate_host(self, *, aggregate_id: int, host: str) -> Aggregate:
        """Raises AggregateNotFound, ComputeHostNotFound, AggregateHostExists,
        InvalidAggregateAction."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def remove_aggregate_host(self, *, aggregate_id: int, host: str) -> Aggregate:
        """Raises AggregateNotFound, AggregateHostNotFound, InvalidAggregateAction."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_aggregate(self, *, aggregate_id: int) -> None:
        """Raises AggregateNotFound, InvalidAggregateAction when it has hosts."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def cache_images(self, *, aggregate_id: int, image_ids: list[str]) -> None:
        """Ask the hosts of an aggregate to have these images; they are asked later, and twice
        does no harm. Raises AggregateNotFound, ImageNotFound, ImageNotActive,
        ImageStoreUnavailable."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_usage(self, *, query: UsageQuery) -> list[ServerUsage]:
        """A page, in the order of the uuids."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_hosts(self, *, since: int = 0) -> HostDelta:
        """For schedulers: the hosts whose generation is newer."""
        raise AssertionError("a contract has no body")

    # --- the built-in network -----------------------------------------------------------------

    @method(since="1.0", kind="call")
    def list_network_resources(self, *, query: NetworkQuery) -> RawJson:
        """JSON text of a list of what `domain.network_query.STRUCTS` says of the kind: what the
        context may see. Raises NetworkMarkerNotFound, NetworkInvalid for an unknown field."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def create_network_resource(self, *, kind: NetworkKind, values: dict[str, Any]) -> RawJson:
        """`values`: fields of the kind; JSON text of what was made. Raises NetworkInvalid,
        NetworkConflict, NetworkForbidden, NetworkResourceNotFound."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def update_network_resource(
        self, *, kind: NetworkKind, resource_id: str, values: dict[str, Any]
    ) -> RawJson:
        """Only what is given changes. Raises as the creation."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def delete_network_resource(self, *, kind: NetworkKind, resource_id: str) -> None:
        """Raises NetworkResourceNotFound, NetworkForbidden, NetworkConflict while it is used."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def network_quota(self) -> dict[str, dict[str, int]]:
        """Of the context's project: name -> limit, used."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def change_security_group(self, *, uuid: str, name: str, member: bool) -> None:
        """Put a server into a group (id or name), or take it out. Raises InstanceNotFound,
        SecurityGroupNotFound, SecurityGroupNotUsable, InstanceStateConflict, InstanceIsLocked."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def list_server_security_groups(self, *, uuid: str) -> list[SecurityGroup]:
        """With their rules. Raises InstanceNotFound."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def get_host_networks(
        self,
        *,
        host: str,
        since: int | None = None,
        tunnel_address: str = "",
        physical_networks: list[str] | None = None,
    ) -> HostNetworks | None:
        """All that the network daemon of a host has to make; None when nothing has changed since
        that generation. `tunnel_address`: where tunnels to this host end; `physical_networks`:
        those that it has devices for, None when it does not say."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def network_ports_up(self, *, host: str, port_ids: list[str]) -> None:
        """These are made on their host. Others are ignored."""
        raise AssertionError("a contract has no body")

    # --- from compute hosts -------------------------------------------------------------------

    @method(since="1.0", kind="call")
    def list_host_instances(self, *, host: str) -> list[Instance]:
        """Servers (not deleted) that live on this host."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def power_changed(self, *, host: str, uuid: str, power_state: PowerState) -> None:
        """An event or the periodic sync saw this. Ignored while the server is busy; else
        recorded, and reconciled by domain.lifecycle.from_power."""
        raise AssertionError("a contract has no body")

    @method(since="1.0", kind="call")
    def host_restarted(self, *, host: str) -> None:
        """A compute service has just started: its flows may be resumed at once."""
        raise AssertionError("a contract has no body")
