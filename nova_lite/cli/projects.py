# SPDX-License-Identifier: Apache-2.0
"""Projects by name, where an identity service can be asked."""

import re
from typing import Any, Final
from urllib.parse import quote

from nova_lite.cli.errors import Refused
from nova_lite.cli.http import Api

_ID: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def project_id(api: Api, wanted: str, *, gone: bool = False) -> str:
    """The id of the project with this id or name; what was given where nobody can be asked.

    An id may be of a project that the identity service does not tell this caller of; with `gone`,
    also of one that it does not know (any more). Raises Refused.
    """
    service = api.identity
    if service is None:
        return wanted
    try:
        path = f"/projects/{quote(wanted, safe='')}"
        answer = api.call("GET", path, service=service)
    except Refused as error:
        if error.status not in (400, 403, 404):
            raise
    else:
        if isinstance(answer, dict) and "project" in answer:
            return str(answer["project"]["id"])
    found = _named(api, wanted)
    if found is None or (not found and gone):
        if _ID.fullmatch(wanted):
            return wanted
        if found is None:
            raise Refused(f"you may not ask for project {wanted!r} by name: give its id", 403)
    if not found:
        raise Refused(f"no project with name or id {wanted!r}", 404)
    if len(found) > 1:
        ids = ", ".join(found)
        raise Refused(f"more than one project is named {wanted!r}: {ids}", 409)
    return found[0]


def _named(api: Api, name: str) -> list[str] | None:
    """Their ids, of all domains; None if the caller may not ask."""
    try:
        answer: Any = api.call("GET", "/projects", query={"name": name}, service=api.identity)
    except Refused as error:
        if error.status == 403:
            return None
        raise
    return [str(project["id"]) for project in answer["projects"]]
