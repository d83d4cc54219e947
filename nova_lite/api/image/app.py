# SPDX-License-Identifier: Apache-2.0
"""The WSGI application of the Image API.

match -> content type and body -> handler -> answer. Expects `environ["nova_lite.context"]` and
answers errors itself, in the form of the Compute API, which clients of images read as well.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from nova_lite.api import assembly, faults
from nova_lite.api.dispatch import CONTEXT, REASONS, read_query
from nova_lite.api.faults import Fault, HttpFault
from nova_lite.api.image.call import Call, Reply, Route
from nova_lite.api.image.routes import ABSENT, ROUTES
from nova_lite.api.matcher import Matcher
from nova_lite.backends.image.local import LocalImages
from nova_lite.base import context as base_context
from nova_lite.domain import errors

LOG = logging.getLogger(__name__)

StartResponse = Callable[..., Any]

MAX_BODY: Final = 1 << 20  # bytes of JSON
_METHODS: Final = tuple(dict.fromkeys(route.method for route in ROUTES))
_JSON: Final = "application/json; charset=UTF-8"


def image_app_factory(global_conf: dict[str, str], **local_conf: str) -> "ImageApi":
    """For the paste file."""
    conf = assembly.parts().conf
    return ImageApi(LocalImages(conf), conf.image.local_max_size or None)


class ImageApi:
    """`max_size`: bytes that the data of one image may have; None for no limit."""

    def __init__(self, images: LocalImages, max_size: int | None = None) -> None:
        self._images = images
        self._max_size = max_size
        self._matcher = Matcher()
        for route in ROUTES:
            self._matcher.add(route.method, route.path, route)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        context = environ[CONTEXT]
        with base_context.use(context):
            route = None
            try:
                route, params = self._find(environ)
                reply = route.handler(self._call(environ, route, params))
            except Exception as error:
                fault = _fault(error, context.request_id, route.errors if route else None)
                return _send(start_response, fault.status, fault.body, fault.headers)
        return _answer(start_response, reply)

    def _find(self, environ: dict[str, Any]) -> tuple[Route, dict[str, str]]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        segments = path[1:].split("/")
        method = environ["REQUEST_METHOD"]
        found = self._match(method, segments)
        if found is not None:
            return found
        others = [each for each in _METHODS if self._match(each, segments) is not None]
        if others:
            message = f"The method {method} is not allowed for this resource."
            raise HttpFault(405, message, {"Allow": ", ".join(others)})
        for segment in segments:
            if segment in ABSENT:
                raise HttpFault(404, f"The local image store has no {ABSENT[segment]}.")
        raise HttpFault(404, "The resource could not be found.")

    def _match(self, method: str, segments: list[str]) -> tuple[Route, dict[str, str]] | None:
        found = self._matcher.find(method, segments)
        # ids of projects do not stand in these paths
        return None if found is None or found[2] is not None else (found[0], found[1])

    def _call(self, environ: dict[str, Any], route: Route, params: dict[str, str]) -> Call:
        if route.media:
            _check_media(environ, route.media)
        return Call(
            environ=environ,
            context=environ[CONTEXT],
            images=self._images,
            params=params,
            query=read_query(environ),
            body=_read(environ) if route.media and not route.stream else None,
            max_size=self._max_size,
        )


# --- reading --------------------------------------------------------------------------------


def _check_media(environ: dict[str, Any], known: tuple[str, ...]) -> None:
    kind = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if kind not in known:
        accept = {"Accept-Patch": known[0]} if environ["REQUEST_METHOD"] == "PATCH" else {}
        raise HttpFault(415, f"Unsupported Content-Type: it has to be {known[0]}", accept)


def _read(environ: dict[str, Any]) -> Any:
    """The decoded JSON body."""
    stream, length = environ["wsgi.input"], environ.get("CONTENT_LENGTH")
    try:
        if length and int(length) > MAX_BODY:
            raise HttpFault(413, f"The body may have {MAX_BODY} bytes.")
        chunked = not length and "HTTP_TRANSFER_ENCODING" in environ
        text = _read_chunks(stream) if chunked else stream.read(int(length or 0))
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        # msgspec's errors are ValueErrors, and so is a length that is no number
        raise HttpFault(400, "Malformed request body") from None


def _read_chunks(stream: Any) -> bytes:
    text = b""
    while chunk := stream.read(MAX_BODY):
        text += chunk
        if len(text) > MAX_BODY:
            raise HttpFault(413, f"The body may have {MAX_BODY} bytes.")
    return text


# --- answering ------------------------------------------------------------------------------


def _answer(start_response: StartResponse, reply: Reply) -> Iterable[bytes]:
    if reply.chunks is not None:
        start_response(_line(reply.status), list(reply.headers.items()))
        return reply.chunks
    body = b"" if reply.content is None else msgspec.json.encode(reply.content)
    return _send(start_response, reply.status, body, reply.headers)


def _send(
    start_response: StartResponse, status: int, body: bytes, more: Any = None
) -> Iterable[bytes]:
    headers = list((more or {}).items())
    if body:
        headers.append(("Content-Type", _JSON))
    if status != 204:
        headers.append(("Content-Length", str(len(body))))
    start_response(_line(status), headers)
    return [body] if body else []


def _line(status: int) -> str:
    return f"{status} {REASONS.get(status, 'Unknown')}"


def _fault(error: Exception, request_id: str, special: Any) -> Fault:
    fault = faults.of(error, request_id, special)
    if fault.status >= 500 and fault.status != 501:
        expected = isinstance(error, errors.Unavailable)
        LOG.error("%s: %s", type(error).__name__, error, exc_info=not expected)
    return fault
