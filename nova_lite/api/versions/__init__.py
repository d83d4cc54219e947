# SPDX-License-Identifier: Apache-2.0
"""The version history: every microversion, oldest first, one line or one module each.

A change that touches what is served here has a module of its own; the others are lines with a
title, so that the list is complete. Documentation and tables are made from it.
"""

from typing import Final

from nova_lite.api.versions import (
    v2_55,
    v2_61,
    v2_75,
    v2_102,
)
from nova_lite.api.versions.change import Change
from nova_lite.api.versions.history import History


def _quiet(number: int, title: str) -> Change:
    """A microversion without effect on what is served here."""
    return Change(number=number, title=title)


# fmt: off
CHANGES: Final[tuple[Change, ...]] = (
    _quiet(1, "Same as v2.0 with strict input validation"),
    _quiet(
        2,
        "Keypair type ssh/x509; keypair create 201 instead of 200; delete 204 instead of "
        "202",
    ),
    _quiet(
        3,
        "Extended server attributes: hostname, kernel_id, ramdisk_id, launch_index, "
        "reservation_id, root_device_name, user_data; volumes_attached gets "
        "delete_on_termination",
    ),
    _quiet(4, "reserved in os-fixed-ips"),
    _quiet(5, "ip6 server filter for non-admins"),
    _quiet(
        6,
        "POST servers/{id}/remote-consoles; os-getVNC/SPICE/RDP/SerialConsole actions end "
        "at 2.5",
    ),
    _quiet(7, "addTenantAccess on a public flavor is 409"),
    _quiet(8, "Console protocol mks / type webmks"),
    _quiet(9, "locked boolean in server show, detail, update, rebuild"),
    _quiet(10, "Admin may act on other users' keypairs through user_id"),
    _quiet(11, "forced_down in os-services, PUT os-services/force-down"),
    _quiet(12, "net_id in os-virtual-interfaces"),
    _quiet(13, "project_id and user_id in server groups"),
    _quiet(14, "evacuate: onSharedStorage removed (auto-detected); adminPass not returned"),
    _quiet(15, "Group policies soft-affinity, soft-anti-affinity"),
    _quiet(16, "host_status (admin): UP, DOWN, UNKNOWN, MAINTENANCE, empty"),
    _quiet(17, "Action trigger_crash_dump (NMI)"),
    _quiet(18, "project_id optional in the URL"),
    _quiet(19, "Server description in create, update, rebuild, show"),
    _quiet(20, "Attach/detach volume on shelved and shelved_offloaded servers"),
    _quiet(21, "Instance actions readable for deleted servers"),
    _quiet(22, "Migration action force_complete"),
    _quiet(23, "List/show server migrations; os-migrations gains migration_type and links"),
    _quiet(24, "DELETE server migration = abort running live migration"),
    _quiet(25, "os-migrateLive: block_migration accepts auto; disk_over_commit removed"),
    _quiet(26, "Server tags API, tags field, filters tags, tags-any, not-tags, not-tags-any"),
    _quiet(27, "Accepts header OpenStack-API-Version: compute X.Y beside the older one"),
    _quiet(28, "Hypervisor cpu_info is an object instead of a JSON string"),
    _quiet(29, "evacuate force; a given host is checked by the scheduler unless forced"),
    _quiet(30, "os-migrateLive force; a given host is checked by the scheduler unless forced"),
    _quiet(31, "os-console-auth-tokens works for every console type"),
    _quiet(32, "tag on networks and block_device_mapping_v2 at create (device role tags)"),
    _quiet(33, "Hypervisor list paging (limit, marker); bdm tag lost by mistake until 2.42"),
    _quiet(
        34,
        "Live-migration pre-checks run asynchronously; failures appear in instance "
        "actions, not as 400",
    ),
    _quiet(35, "Keypair paging; sorted by name"),
    _quiet(
        36,
        "Proxy APIs (images, networks, floating/fixed IPs, security groups, volumes, "
        "snapshots, baremetal) and fping 404; network quotas/limits removed",
    ),
    _quiet(
        37,
        "networks required at create: list, auto or none; network uuid validated; NIC tag "
        "lost until 2.42",
    ),
    _quiet(38, "Unknown status filter is 400"),
    _quiet(
        39,
        "Image metadata proxy 404; snapshot metadata no longer quota checked; "
        "maxImageMeta dropped",
    ),
    _quiet(40, "Simple tenant usage paging"),
    _quiet(41, "Aggregate uuid"),
    _quiet(42, "Device tag accepted again for NICs and disks"),
    _quiet(43, "os-hosts 404"),
    _quiet(44, "add/removeFixedIp, add/removeFloatingIp, os-virtual-interfaces 404"),
    _quiet(45, "createImage/createBackup return {'image_id'} instead of Location"),
    _quiet(46, "X-OpenStack-Request-ID header (signal only; always sent)"),
    _quiet(47, "Server flavor is an embedded object, not id+link; extra_specs by policy"),
    _quiet(48, "Standard diagnostics document for every driver"),
    _quiet(49, "tag when attaching an interface or a volume"),
    _quiet(50, "Quota class sets show server_groups(_members); network quotas removed there"),
    _quiet(51, "Event volume-extended; action events visible to non-admins without traceback"),
    _quiet(52, "tags at server create"),
    _quiet(
        53,
        "UUID ids for services and hypervisors; PUT os-services/{uuid}; with_servers and "
        "hypervisor_hostname_pattern; search/servers routes end",
    ),
    _quiet(54, "Rebuild accepts key_name (or null)"),
    v2_55.CHANGE,
    _quiet(56, "migrate accepts host"),
    _quiet(
        57,
        "personality removed; rebuild accepts user_data; injected_* quotas and "
        "maxPersonality* limits removed",
    ),
    _quiet(58, "Instance actions paging, changes-since, updated_at, links"),
    _quiet(59, "os-migrations paging, changes-since; uuid in migrations"),
    _quiet(60, "Multi-attach volumes"),
    v2_61.CHANGE,
    _quiet(62, "Action events gain host (admin) and hostId"),
    _quiet(63, "trusted_image_certificates at create/rebuild and in show"),
    _quiet(64, "Server group policy + rules (max_server_per_host); policies and metadata dropped"),
    _quiet(65, "Abort live migrations in queued and preparing"),
    _quiet(66, "changes-before for servers, actions, migrations"),
    _quiet(67, "volume_type in block_device_mapping_v2"),
    _quiet(68, "force removed from live migration and evacuate"),
    _quiet(69, "Partial records (status UNKNOWN) from cells that are down"),
    _quiet(70, "Device tag in volume and interface attachments"),
    _quiet(71, "server_groups in show, update, rebuild"),
    _quiet(72, "Create with ports that carry resource requests"),
    _quiet(73, "lock with locked_reason; locked_reason in show; locked filter/sort"),
    _quiet(74, "host / hypervisor_hostname at create (policy, admin) still validated by scheduler"),
    v2_75.CHANGE,
    _quiet(76, "Event power-update (POWER_ON / POWER_OFF)"),
    _quiet(77, "unshelve accepts availability_zone (offloaded servers)"),
    _quiet(78, "Server topology (NUMA)"),
    _quiet(79, "delete_on_termination at volume attach and in attachment views"),
    _quiet(80, "user_id and project_id in migrations, and as filters"),
    _quiet(81, "POST os-aggregates/{id}/images image pre-cache"),
    _quiet(82, "Event accelerator-request-bound"),
    _quiet(83, "More server filters for non-admins (az, key_name, states, dates, user_id...)"),
    _quiet(84, "details in failed action events"),
    _quiet(85, "PUT volume attachment updates delete_on_termination"),
    _quiet(86, "Known extra spec namespaces validated"),
    _quiet(87, "Rescue of volume-backed servers (trait COMPUTE_RESCUE_BFV)"),
    _quiet(88, "Usage-like fields, /statistics and /uptime removed; uptime in hypervisor show"),
    _quiet(89, "Attachments: + attachment_id, bdm_uuid; - id"),
    _quiet(90, "hostname at create/update/rebuild; hostname visible to everyone"),
    _quiet(91, "unshelve to host; pin or unpin AZ"),
    _quiet(92, "Keypair generation removed (public_key required); name may contain @ and ."),
    _quiet(93, "Rebuild of volume-backed servers; event volume-reimaged"),
    _quiet(94, "hostname may be an FQDN"),
    _quiet(95, "Evacuated servers stay stopped on the destination"),
    _quiet(96, "pinned_availability_zone"),
    _quiet(97, "Share attachments (Manila)"),
    _quiet(98, "Embedded image properties"),
    _quiet(
        99,
        "Console type spice-direct; tls_port in token show; unknown query keys refused "
        "there",
    ),
    _quiet(100, "scheduler_hints in server views"),
    _quiet(101, "Volume attach is 202 with no body, fully asynchronous"),
    v2_102.CHANGE,
    _quiet(103, "os-volumes_boot 404"),
    _quiet(104, "PUT server pinned_availability_zone: null unpins, current AZ re-pins, else 409"),
)
# fmt: on

HISTORY: Final = History(CHANGES)
