# SPDX-License-Identifier: Apache-2.0
"""Who may read the history of a server."""

from nova_lite.base.policy import ADMIN, LEGACY_OWNER, READER, Rule

_P = "os_compute_api:os-instance-actions:"

LIST = f"{_P}list"
SHOW = f"{_P}show"
EVENTS = f"{_P}events"
EVENT_DETAILS = f"{_P}events:details"

_SHOWN = (("GET", "/servers/{server_id}/os-instance-actions/{request_id}"),)

RULES = (
    Rule(
        LIST,
        READER,
        "List the actions of a server.",
        (("GET", "/servers/{server_id}/os-instance-actions"),),
        legacy=LEGACY_OWNER,
    ),
    Rule(SHOW, READER, "Show an action of a server.", _SHOWN, legacy=LEGACY_OWNER),
    Rule(EVENTS, ADMIN, "See traceback and host of the events of an action.", _SHOWN),
    Rule(EVENT_DETAILS, ADMIN, "See the details of the events of an action.", _SHOWN),
)
