# SPDX-License-Identifier: Apache-2.0
"""What differs between microversions beyond shapes: names that handlers and views ask for.

Each is declared by exactly one change (`Change.behaviours`), and is there from that change on.
"""

import enum


class Behaviour(enum.Enum):
    """The value says what is true from that microversion on."""

    UNKNOWN_STATUS_IS_REFUSED = "an unknown `status` filter is 400, no longer an empty list"
    DOWN_CELLS_ARE_SHOWN = "servers of cells that do not answer are listed with status UNKNOWN"
    MORE_FILTERS_FOR_ALL = "zone, key, state and date filters work for those who are not admin"
    HOSTNAME_FOR_ALL = "the host name of a server is shown to whoever may read it"
    TAG_FILTERS_FOR_ALL = "servers can be filtered by tags"
    IP6_FILTER_FOR_ALL = "servers can be filtered by IPv6 address by those who are not admin"
    CHANGES_BEFORE = "lists can be bounded by changes-before"
    LOCKED_FILTER = "servers can be filtered and sorted by `locked`"
    EVENTS_FOR_ALL = "the events of an action are shown to whoever may read it"
    ACTIONS_OF_DELETED = "the actions of deleted servers can be read"
    ACTION_PAGES = "instance actions are paged"
    CONSOLE_TOKENS_OF_ALL_TYPES = "tokens of consoles of every type can be looked up"
    NO_LIMIT_OF_IMAGE_METADATA = "the metadata of images of servers is not limited by quota"
    IMAGE_ID_IN_BODY = "the id of an image of a server is in the body, not in the Location"
    UNSHELVED_TO_A_ZONE = "the body of unshelve is read"
    KEYPAIRS_OF_OTHERS = "key pairs of other users are reached by user_id"
    KEYPAIR_PAGES = "key pairs are paged"
    SERVICES_FORCED_DOWN = "services can be forced down"
    SERVICES_BY_UUID = "services are known by uuid, and changed by status in the body"
    HYPERVISORS_BY_UUID = "hypervisors are known by uuid, and found by query"
    HYPERVISOR_PAGES = "hypervisors are paged"
    NO_ACCESS_TO_PUBLIC_FLAVORS = "giving access to a public flavor is 409"
    USAGE_PAGES = "what was used is paged"
    EXTRA_SPECS_ARE_CHECKED = "extra specs in known namespaces are checked"
