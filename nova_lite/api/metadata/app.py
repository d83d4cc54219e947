# SPDX-License-Identifier: Apache-2.0
"""The WSGI application that guests reach at 169.254.169.254, through their relay."""

import logging
import os
from collections.abc import Callable, Iterable
from typing import Any, Final

from nova_lite.api.metadata import asker
from nova_lite.api.metadata.asker import Asker, NotSaid, NotSigned
from nova_lite.api.metadata.cache import Cache
from nova_lite.backends.vendordata import VendorData
from nova_lite.base.context import service_context, use
from nova_lite.domain import errors
from nova_lite.domain.guestdata import openstack, pages
from nova_lite.domain.guestdata.pages import Page
from nova_lite.domain.guestdata.value import PASSWORD_MOST, GuestData, Surroundings

LOG = logging.getLogger(__name__)

REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class _Refused(Exception):
    """An answer other than 200. `text` says why, to the guest."""

    def __init__(self, status: int, text: str = "", headers: list[tuple[str, str]] | None = None):
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers or []


class MetadataApi:
    """Answers in plain text; errors, too."""

    def __init__(self, conf: Any, clients: Any) -> None:
        """Raises ConfigurationError."""
        self._conductor = clients.conductor
        self._secret: str = conf.neutron.metadata_proxy_shared_secret
        self._domain: str = conf.api.dhcp_domain
        self._vendor = VendorData(conf)
        self._found: Cache[GuestData] = Cache(conf.api.metadata_cache_expiration)
        self._vendor2: Cache[dict[str, Any]] = Cache(conf.api.metadata_cache_expiration)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        with use(service_context()):
            try:
                page = self._answer(environ)
            except _Refused as refused:
                return _send(start_response, refused.status, _text(refused), refused.headers)
            except Exception as error:
                return _send(start_response, *_trouble(error))
        kind = f"{page.content_type}; charset=UTF-8"
        content = page.content if environ["REQUEST_METHOD"] != "HEAD" else None
        headers = [("Content-Type", kind), ("Content-Length", str(len(page.content)))]
        start_response("200 OK", headers)
        return [] if content is None else [content]

    def _answer(self, environ: dict[str, Any]) -> Page:
        path = environ.get("PATH_INFO", "")
        method = environ["REQUEST_METHOD"]
        is_password = pages.is_password(path)
        allowed = ("GET", "HEAD", "POST") if is_password else ("GET", "HEAD")
        if method not in allowed:
            raise _Refused(405, headers=[("Allow", ", ".join(allowed))])
        who = self._who(environ)
        data = self._data(who)
        if method == "POST":
            return self._tell_password(environ, who)
        page = pages.page(path, data, self._around(path, who, data))
        if page is None:
            raise _Refused(404)
        return page

    def _who(self, environ: dict[str, Any]) -> Asker:
        try:
            return asker.read(environ, self._secret)
        except NotSaid as error:
            raise _Refused(400, str(error)) from error
        except NotSigned as error:
            LOG.warning("X-Instance-ID from %s is not signed by us", environ.get("REMOTE_ADDR"))
            raise _Refused(403, "Invalid proxy request signature.") from error

    def _data(self, who: Asker) -> GuestData:
        uuid = who.instance_id

        def find() -> GuestData:
            found: GuestData = self._conductor.get_guest_data(service_context(), uuid=uuid)
            return found

        try:
            data = self._found.get(uuid, find)
        except errors.InstanceNotFound as error:
            raise _Refused(404) from error
        if data.instance.project_id != who.project_id:
            LOG.warning("Project %s does not have the server %s", who.project_id, uuid)
            raise _Refused(404)
        return data

    def _around(self, path: str, who: Asker, data: GuestData) -> Surroundings:
        """Other services are asked only for the file that has their answers."""
        vendor2: dict[str, Any] = {}
        if pages.parts_of(path)[-1] == openstack.VENDOR2:
            vendor2 = self._vendor2.get(who.instance_id, lambda: self._vendor.all(data.instance))
        return Surroundings(
            dhcp_domain=self._domain,
            random=os.urandom,
            vendor=self._vendor.static(),
            vendor2=vendor2,
            caller=who.address,
        )

    def _tell_password(self, environ: dict[str, Any], who: Asker) -> Page:
        password = _body(environ)
        try:
            self._conductor.set_guest_password(
                service_context(), uuid=who.instance_id, password=password
            )
        except errors.GuestPasswordExists as error:
            raise _Refused(409) from error
        finally:
            self._found.forget(who.instance_id)
        return Page(content=b"")


def _body(environ: dict[str, Any]) -> str:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit() or environ.get("HTTP_TRANSFER_ENCODING"):
        raise _Refused(400, "The length of the password has to be said.")
    if int(length) > PASSWORD_MOST:
        raise _Refused(400, "Request is too large.")
    try:
        password: str = environ["wsgi.input"].read(int(length)).decode("ascii")
    except UnicodeDecodeError as error:
        raise _Refused(400, "A password is text in base64.") from error
    if not password:
        raise _Refused(400, "There is no password in the request.")
    return password


def _trouble(error: Exception) -> tuple[int, str]:
    status = 503 if isinstance(error, errors.Unavailable) else 500
    LOG.error("Metadata: %s: %s", type(error).__name__, error, exc_info=status == 500)
    text = "" if status == 503 else "An unknown error has occurred. Please try your request again."
    return status, f"{status} {REASONS[status]}\n\n{text}\n"


def _text(refused: _Refused) -> str:
    return f"{refused.status} {REASONS[refused.status]}\n\n{refused.text}\n"


def _send(
    start_response: Callable[..., Any],
    status: int,
    text: str,
    headers: list[tuple[str, str]] | None = None,
) -> list[bytes]:
    content = text.encode()
    start_response(
        f"{status} {REASONS[status]}",
        [
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Length", str(len(content))),
            *(headers or []),
        ],
    )
    return [content]
