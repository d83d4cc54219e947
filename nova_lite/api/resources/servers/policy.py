# SPDX-License-Identifier: Apache-2.0
"""Who may do what with servers, and who sees which of their fields."""

from nova_lite.base.policy import ADMIN, LEGACY_OWNER, MEMBER, READER, Rule

_P = "os_compute_api:servers:"

INDEX = f"{_P}index"
DETAIL = f"{_P}detail"
INDEX_ALL = f"{_P}index:get_all_tenants"
DETAIL_ALL = f"{_P}detail:get_all_tenants"
ALL_FILTERS = f"{_P}allow_all_filters"
SHOW = f"{_P}show"
HOST_STATUS = f"{_P}show:host_status"
HOST_STATUS_UNKNOWN = f"{_P}show:host_status:unknown-only"
FLAVOR_EXTRA_SPECS = f"{_P}show:flavor-extra-specs"
CREATE = f"{_P}create"
FORCED_HOST = f"{_P}create:forced_host"
REQUESTED_DESTINATION = "compute:servers:create:requested_destination"
ATTACH_VOLUME = f"{_P}create:attach_volume"
ATTACH_NETWORK = f"{_P}create:attach_network"
ATTACH_EXTERNAL = "network:attach_external_network"
TRUSTED_CERTS = f"{_P}create:trusted_certs"
ZERO_DISK = f"{_P}create:zero_disk_flavor"
UPDATE = f"{_P}update"
DELETE = f"{_P}delete"
EXTENDED = "os_compute_api:os-extended-server-attributes"
EXPLAIN = "nova_lite:servers:explain"
EXPLAIN_HOSTS = "nova_lite:servers:explain:hosts"

_POST = (("POST", "/servers"),)
_LISTS = (("GET", "/servers"), ("GET", "/servers/detail"))
_SHOWN = (
    ("GET", "/servers/{id}"),
    ("GET", "/servers/detail"),
    ("PUT", "/servers/{server_id}"),
    ("POST", "/servers/{server_id}/action (rebuild)"),
)

RULES = (
    Rule(INDEX, READER, "List servers.", (("GET", "/servers"),)),
    Rule(DETAIL, READER, "List servers with details.", (("GET", "/servers/detail"),)),
    Rule(INDEX_ALL, ADMIN, "List the servers of all projects.", (("GET", "/servers"),)),
    Rule(
        DETAIL_ALL,
        ADMIN,
        "List the servers of all projects with details.",
        (("GET", "/servers/detail"),),
    ),
    Rule(ALL_FILTERS, ADMIN, "Use every filter when listing servers.", _LISTS),
    Rule(SHOW, READER, "Show a server.", (("GET", "/servers/{server_id}"),)),
    Rule(HOST_STATUS, ADMIN, "See the status of the host of a server.", _SHOWN),
    Rule(
        HOST_STATUS_UNKNOWN,
        ADMIN,
        "See that the status of the host of a server is unknown, and no other status.",
        _SHOWN,
    ),
    Rule(
        FLAVOR_EXTRA_SPECS,
        READER,
        "See the extra specs of the flavor that a server was built with.",
        _SHOWN,
        legacy=LEGACY_OWNER,
    ),
    Rule(CREATE, MEMBER, "Create servers.", _POST),
    Rule(FORCED_HOST, ADMIN, "Name host and node in the availability zone.", _POST),
    Rule(REQUESTED_DESTINATION, ADMIN, "Name the host or node that has to be fit.", _POST),
    Rule(ATTACH_VOLUME, MEMBER, "Create a server with block devices.", _POST),
    Rule(ATTACH_NETWORK, MEMBER, "Create a server with chosen networks.", _POST),
    Rule(
        ATTACH_EXTERNAL,
        ADMIN,
        "Attach a server to an external network.",
        (*_POST, ("POST", "/servers/{server_id}/os-interface")),
    ),
    Rule(TRUSTED_CERTS, MEMBER, "Create a server with trusted image certificates.", _POST),
    Rule(
        ZERO_DISK,
        ADMIN,
        "Create a server from an image with a flavor whose root disk is 0 (as large as the image).",
        _POST,
    ),
    Rule(UPDATE, MEMBER, "Change name, description and the like.", (("PUT", "/servers/{id}"),)),
    Rule(DELETE, MEMBER, "Delete a server.", (("DELETE", "/servers/{server_id}"),)),
    Rule(EXTENDED, ADMIN, "See host, node, names and other inner attributes of servers.", _SHOWN),
    Rule(
        EXPLAIN,
        READER,
        "See why no host was good enough for a server, without names of hosts.",
        (("GET", "/servers/{server_id}/explain"),),
    ),
    Rule(
        EXPLAIN_HOSTS,
        ADMIN,
        "See the verdict on each host as well.",
        (("GET", "/servers/{server_id}/explain"),),
    ),
)
