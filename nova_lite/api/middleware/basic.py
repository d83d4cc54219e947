# SPDX-License-Identifier: Apache-2.0
"""HTTP basic authentication against a password file, with project and roles from another.

oslo.middleware checks the password; since bcrypt is slow on purpose, a password that was good
is remembered (as a keyed hash) for a few minutes, or until the password file changes.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from typing import Any, Final

from oslo_middleware import basic_auth
from webob import exc

from nova_lite.api import assembly
from nova_lite.api.dispatch import REQUEST_ID
from nova_lite.api.middleware.context import App, enter, unauthorized, with_implied
from nova_lite.api.middleware.identities import Identities
from nova_lite.api.middleware.requestlog import GLOBAL_ID
from nova_lite.base import clock, concurrency
from nova_lite.base.context import RequestContext
from nova_lite.domain import errors

CHALLENGE: Final = 'Basic realm="nova-lite"'
REMEMBER_SECONDS: Final = 300.0
REMEMBER_MOST: Final = 1000


class BasicContext:
    """Authenticates, then makes the context."""

    def __init__(self, app: App, password_file: str, identity_file: str) -> None:
        """ConfigurationError when a file is not there or not good."""
        self._app = app
        self._password_file = password_file
        self._identities = Identities(identity_file)
        try:
            basic_auth.validate_auth_file(password_file)
        except Exception as error:
            raise errors.ConfigurationError(
                option="[api] http_basic_auth_user_file", reason=" ".join(str(error).split())
            ) from error
        self._key = secrets.token_bytes(32)
        self._stamp: Any = None
        # keyed hash of the header -> (user, until when)
        self._good: dict[bytes, tuple[str, float]] = {}

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        header = environ.pop("HTTP_AUTHORIZATION", None)
        if not header:
            return unauthorized(start_response, CHALLENGE)
        user = self._remembered(header)
        if user is None:
            try:
                user = self._check(header)
            except (exc.HTTPException, ValueError):
                # bcrypt refuses a password of more than 72 bytes in its own way
                return unauthorized(start_response, CHALLENGE)
        return self._enter(environ, start_response, user)

    def _check(self, header: str) -> str:
        """The user's name; raises what the library raises for a wrong password."""
        token = basic_auth.parse_header({"HTTP_AUTHORIZATION": header})
        user, password = basic_auth.parse_token(token)
        # bcrypt computes for long, and lets go of nothing meanwhile
        concurrency.native(basic_auth.authenticate, self._password_file, user, password)
        if len(self._good) >= REMEMBER_MOST:
            self._good.clear()
        self._good[self._digest(header)] = user, clock.monotonic() + REMEMBER_SECONDS
        return user

    def _remembered(self, header: str) -> str | None:
        try:
            found = os.stat(self._password_file)
            stamp: Any = found.st_mtime_ns, found.st_size, found.st_ino
        except OSError:
            stamp = None
        if stamp is None or stamp != self._stamp:
            self._good.clear()
            self._stamp = stamp
            return None
        user, until = self._good.get(self._digest(header), (None, 0.0))
        return user if until > clock.monotonic() else None

    def _digest(self, header: str) -> bytes:
        return hashlib.blake2b(header.encode("utf-8", "replace"), key=self._key).digest()

    def _enter(
        self, environ: dict[str, Any], start_response: Callable[..., Any], user: str
    ) -> Iterable[bytes]:
        identity = self._identities.find(user)
        if identity is None:
            return unauthorized(start_response, CHALLENGE, f"User {user} has no project here.")
        context = RequestContext(
            request_id=environ[REQUEST_ID],
            global_request_id=environ.get(GLOBAL_ID),
            user_id=identity.user_id or user,
            user_name=user,
            project_id=identity.project_id,
            project_name=identity.project_name or identity.project_id,
            roles=with_implied(identity.roles),
        )
        enter(environ, context)
        return self._app(environ, start_response)


def filter_factory(global_conf: dict[str, str], **local_conf: str) -> Callable[[App], App]:
    """`user_file` and `identity_file` may be given here; else the options of [api]."""
    conf = assembly.parts().conf
    passwords = local_conf.get("user_file") or conf.api.http_basic_auth_user_file
    identities = local_conf.get("identity_file") or conf.api.http_basic_identity_file
    return lambda app: BasicContext(app, passwords, identities)
