# SPDX-License-Identifier: Apache-2.0
"""Who asks: the user, project and roles of a request, and the ids that tie its log lines.

A context is a frozen value. It travels with every RPC message; `use(context)` makes it the
current one of the thread, so that every log line written meanwhile bears its request ids.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from oslo_context import context as oslo_context

from nova_lite.base import ids

T = TypeVar("T")


class RequestContext(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shapes: ids are text as the identity service gives them; roles are names."""

    request_id: str = msgspec.field(default_factory=ids.request_id)
    global_request_id: str | None = None
    user_id: str | None = None
    user_name: str | None = None
    user_domain_id: str | None = None
    user_domain_name: str | None = None
    project_id: str | None = None
    project_name: str | None = None
    project_domain_id: str | None = None
    project_domain_name: str | None = None
    system_scope: str | None = None
    roles: tuple[str, ...] = ()
    is_admin: bool = False
    service_user_id: str | None = None
    service_project_id: str | None = None
    service_roles: tuple[str, ...] = ()
    # The caller's token, for calls to other services in the caller's name. Never logged.
    auth_token: str | None = None

    def __repr__(self) -> str:
        return (
            f"RequestContext(request_id={self.request_id!r}, user_id={self.user_id!r}, "
            f"project_id={self.project_id!r}, roles={self.roles!r}, is_admin={self.is_admin})"
        )

    def to_policy_values(self) -> dict[str, Any]:
        """What policy rules can ask about the caller."""
        return {
            "user_id": self.user_id,
            "user_domain_id": self.user_domain_id,
            "project_id": self.project_id,
            "project_domain_id": self.project_domain_id,
            "system_scope": self.system_scope,
            "roles": self.roles,
            "is_admin": self.is_admin,
            "is_admin_project": True,
            "service_user_id": self.service_user_id,
            "service_project_id": self.service_project_id,
            "service_roles": self.service_roles,
        }

    def admin(self) -> "RequestContext":
        """The same request with the powers of an administrator."""
        if self.is_admin:
            return self
        roles = self.roles if "admin" in self.roles else (*self.roles, "admin")
        return msgspec.structs.replace(self, is_admin=True, roles=roles)

    def log_values(self) -> dict[str, Any]:
        """What a log line may show; no token."""
        return {
            "request_id": self.request_id,
            "global_request_id": self.global_request_id,
            "user": self.user_id,
            "user_id": self.user_id,
            "user_name": self.user_name,
            "user_domain": self.user_domain_id,
            "user_domain_name": self.user_domain_name,
            "project": self.project_id,
            "project_id": self.project_id,
            "project_name": self.project_name,
            "project_domain": self.project_domain_id,
            "project_domain_name": self.project_domain_name,
            "is_admin": self.is_admin,
            "domain": None,
            "system_scope": self.system_scope,
            # What oslo.log's user identity is without an option: domain and scope unset.
            "user_identity": " ".join(
                part or "-"
                for part in (
                    self.user_id,
                    self.project_id,
                    None,
                    self.system_scope,
                    self.user_domain_id,
                    self.project_domain_id,
                )
            ),
        }


def service_context() -> RequestContext:
    """The context of work that no user asked for: periodic jobs, recovery, reports."""
    return RequestContext(is_admin=True, roles=("admin", "service"))


class _Current(oslo_context.RequestContext):
    """What oslo.log finds in its thread-local store: our frozen value in its clothes.

    The values are worked out only when a line is written."""

    def __init__(self, value: RequestContext) -> None:  # not the parent's: it builds much more
        self.value = value
        self.request_id = value.request_id
        self.global_request_id = value.global_request_id
        self.update_store()

    def get_logging_values(self) -> dict[str, Any]:
        return self.value.log_values()

    def to_dict(self) -> dict[str, Any]:
        return self.value.log_values()


def current() -> RequestContext | None:
    """The context of this thread, if it has one."""
    found = oslo_context.get_current()
    return found.value if isinstance(found, _Current) else None


@contextmanager
def use(context: RequestContext) -> Iterator[RequestContext]:
    """Make `context` the current one of this thread; the one before comes back at the end."""
    before = oslo_context.get_current()
    _Current(context)
    try:
        yield context
    finally:
        if before is None:
            # There is no other public way to leave the store empty than an empty request.
            oslo_context._request_store.__dict__.pop("context", None)
        else:
            before.update_store()


def bound(fn: Callable[..., T]) -> Callable[..., T]:
    """`fn` that will run under the context that is current now, in whatever thread."""
    context = current()
    if context is None:
        return fn

    def run(*args: Any, **kwargs: Any) -> T:
        with use(context):
            return fn(*args, **kwargs)

    return run
