# SPDX-License-Identifier: Apache-2.0
"""Who asks: puts a RequestContext into `environ["nova_lite.context"]`.

Three ways, one for each [api] auth_strategy: from the headers that keystonemiddleware sets,
from a user that http_basic knows (basic.py), and from a `user:project[:role,...]` token that
nobody checks (noauth2, for tests).
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from nova_lite.api.dispatch import CONTEXT, REQUEST_ID
from nova_lite.api.middleware.requestlog import GLOBAL_ID
from nova_lite.base import policy
from nova_lite.base.context import RequestContext

App = Callable[..., Iterable[bytes]]

# Each role implies those after it, as the identity service has it.
IMPLIED: Final = ("admin", "manager", "member", "reader")


def with_implied(roles: Iterable[str]) -> tuple[str, ...]:
    """These roles and those that they imply."""
    found = list(dict.fromkeys(role.strip() for role in roles if role.strip()))
    for index, role in enumerate(IMPLIED):
        if role in found:
            found.extend(less for less in IMPLIED[index:] if less not in found)
            break
    return tuple(found)


def enter(environ: dict[str, Any], context: RequestContext) -> None:
    """Complete the context by what the policy thinks of the caller, and put it in place."""
    if policy.get().is_admin(context):
        context = msgspec.structs.replace(context, is_admin=True)
    environ[CONTEXT] = context


def unauthorized(
    start_response: Callable[..., Any], challenge: str, reason: str = ""
) -> Iterable[bytes]:
    """401 in plain text, with the way to do better."""
    body = (reason or "The request you have made requires authentication.").encode()
    headers = [
        ("Content-Type", "text/plain; charset=UTF-8"),
        ("Content-Length", str(len(body))),
        ("WWW-Authenticate", challenge),
    ]
    start_response("401 Unauthorized", headers)
    return [body]


class KeystoneContext:
    """Behind keystonemiddleware's auth_token, which removes such headers from outside."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        get = environ.get
        user = get("HTTP_X_USER_ID")
        if not user:
            return unauthorized(start_response, "Keystone")
        context = RequestContext(
            request_id=environ[REQUEST_ID],
            global_request_id=get(GLOBAL_ID),
            user_id=user,
            user_name=get("HTTP_X_USER_NAME"),
            user_domain_id=get("HTTP_X_USER_DOMAIN_ID"),
            user_domain_name=get("HTTP_X_USER_DOMAIN_NAME"),
            project_id=get("HTTP_X_PROJECT_ID"),
            project_name=get("HTTP_X_PROJECT_NAME"),
            project_domain_id=get("HTTP_X_PROJECT_DOMAIN_ID"),
            project_domain_name=get("HTTP_X_PROJECT_DOMAIN_NAME"),
            system_scope=get("HTTP_OPENSTACK_SYSTEM_SCOPE"),
            roles=_words(get("HTTP_X_ROLES")),
            service_user_id=get("HTTP_X_SERVICE_USER_ID"),
            service_project_id=get("HTTP_X_SERVICE_PROJECT_ID"),
            service_roles=_words(get("HTTP_X_SERVICE_ROLES")),
            auth_token=get("HTTP_X_AUTH_TOKEN"),
        )
        enter(environ, context)
        return self._app(environ, start_response)


def _words(header: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in header.split(",") if word.strip()) if header else ()


class NoAuthContext:
    """Believes the token. `admin:p` has the role admin, `u:p` member, `u:p:reader` reader."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        token = environ.get("HTTP_X_AUTH_TOKEN")
        if not token:
            return unauthorized(start_response, "noauth2")
        user, _, rest = token.partition(":")
        project, _, roles = rest.partition(":")
        named = roles.split(",") if roles else ["admin" if user == "admin" else "member"]
        context = RequestContext(
            request_id=environ[REQUEST_ID],
            global_request_id=environ.get(GLOBAL_ID),
            user_id=user,
            user_name=user,
            project_id=project or user,
            project_name=project or user,
            roles=with_implied(named),
            auth_token=token,
        )
        enter(environ, context)
        return self._app(environ, start_response)


def keystone_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    return KeystoneContext


def noauth2_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    return NoAuthContext
