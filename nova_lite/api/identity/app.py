# SPDX-License-Identifier: Apache-2.0
"""The WSGI application: projects, users and the one domain, read only."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from nova_lite.api import assembly
from nova_lite.api.dispatch import CONTEXT
from nova_lite.api.links import host_url
from nova_lite.api.middleware.identities import Identities
from nova_lite.base.context import RequestContext

Json = dict[str, Any]
StartResponse = Callable[..., Any]

DOMAIN: Final = "default"
_encode = msgspec.json.Encoder().encode


class IdentityApp:
    """GET only. People see themselves and their project; an administrator sees all."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities
        # collection -> (name of one, what is in it)
        self._collections: dict[str, tuple[str, Callable[[RequestContext], list[Json]]]] = {
            "projects": ("project", self._projects),
            "users": ("user", self._users),
            "domains": ("domain", self._domains),
        }

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        status, body = self._answer(environ)
        content = _encode(body)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        start_response(status, headers)
        return [content]

    def _answer(self, environ: dict[str, Any]) -> tuple[str, Json]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _fault(405, "Method Not Allowed", "Users and projects are kept in a file here.")
        base = host_url(environ) + environ.get("SCRIPT_NAME", "")
        segments = [part for part in environ["PATH_INFO"].split("/") if part]
        if not segments:
            return "300 Multiple Choices", {"versions": {"values": [_version(base)]}}
        if segments[0] != "v3":
            return _not_found()
        if len(segments) == 1:
            return "200 OK", {"version": _version(base)}
        query = parse_qs(environ.get("QUERY_STRING", ""))
        return self._collection(segments[1:], environ[CONTEXT], query, base)

    def _collection(
        self, segments: list[str], context: RequestContext, query: dict[str, list[str]], base: str
    ) -> tuple[str, Json]:
        if segments == ["auth", "projects"]:
            segments = ["projects"]
        found = self._collections.get(segments[0])
        if found is None or len(segments) > 2:
            return _not_found()
        one, read = found
        things = read(context)
        if len(segments) == 2:
            named = [thing for thing in things if thing["id"] == segments[1]]
            return ("200 OK", {one: named[0]}) if named else _not_found()
        for name in ("name", "domain_id"):
            if name in query:
                things = [thing for thing in things if thing.get(name) == query[name][0]]
        links = {"self": f"{base}/v3/{segments[0]}", "previous": None, "next": None}
        return "200 OK", {segments[0]: things, "links": links}

    # --- what there is ---------------------------------------------------------------------

    def _projects(self, context: RequestContext) -> list[Json]:
        names = {i.project_id: i.project_name or i.project_id for i in self._identities.all()}
        return [
            {"id": project, "name": name, "domain_id": DOMAIN, "enabled": True, "is_domain": False,
             "description": "", "parent_id": DOMAIN, "tags": [], "options": {}, "links": {}}
            for project, name in names.items()
            if context.is_admin or project == context.project_id
        ]  # fmt: skip

    def _users(self, context: RequestContext) -> list[Json]:
        return [
            {"id": user, "name": name, "domain_id": DOMAIN, "enabled": True, "options": {},
             "password_expires_at": None, "links": {}}
            for name, user in self._identities.users()
            if context.is_admin or user == context.user_id
        ]  # fmt: skip

    def _domains(self, context: RequestContext) -> list[Json]:
        return [{"id": DOMAIN, "name": "Default", "enabled": True, "description": "", "links": {}}]


def _version(base: str) -> Json:
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{base}/v3/"}],
        "media-types": [
            {"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}
        ],
    }


def _fault(code: int, title: str, message: str) -> tuple[str, Json]:
    return f"{code} {title}", {"error": {"code": code, "title": title, "message": message}}


def _not_found() -> tuple[str, Json]:
    return _fault(404, "Not Found", "There is no such thing here.")


def identity_app_factory(global_conf: dict[str, str], **local_conf: str) -> IdentityApp:
    """`identity_file` may be given here; else [api] http_basic_identity_file."""
    conf = assembly.parts().conf
    return IdentityApp(
        Identities(local_conf.get("identity_file") or conf.api.http_basic_identity_file)
    )
