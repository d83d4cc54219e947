# SPDX-License-Identifier: Apache-2.0
"""Glance: the image port over the Image API v2."""

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import requests
from keystoneauth1 import exceptions as ks_errors
from oslo_config import cfg

from nova_lite.backends.image import verify
from nova_lite.backends.keystone import Service
from nova_lite.base import clock, ids
from nova_lite.base.context import RequestContext
from nova_lite.domain.errors import (
    Forbidden,
    ImageConflict,
    ImageNotActive,
    ImageNotFound,
    ImageStoreUnavailable,
    Invalid,
)
from nova_lite.domain.image import Image

GROUP = "glance"
VERSION = "/v2"
PAGE = 200
FIRST_PAUSE = 0.5  # seconds before a read is tried again; doubled each time

# What the API calls it -> what we call it.
_FIELDS = {
    "id": "id",
    "name": "name",
    "status": "status",
    "owner": "owner",
    "visibility": "visibility",
    "container_format": "container_format",
    "disk_format": "disk_format",
    "size": "size",
    "virtual_size": "virtual_size",
    "checksum": "checksum",
    "os_hash_algo": "hash_algo",
    "os_hash_value": "hash_value",
    "min_disk": "min_disk",
    "min_ram": "min_ram",
    "protected": "protected",
    "os_hidden": "hidden",
    "tags": "tags",
}
_TIMES = ("created_at", "updated_at")
# What is asked of a new image, and what may be changed later.
_SETTABLE = (
    *("name", "owner", "visibility", "container_format", "disk_format"),
    *("min_disk", "min_ram"),
)
_JSON_PATCH = "application/openstack-images-v2.1-json-patch"
_NOT_PROPERTIES = {"self", "file", "schema", "direct_url", "locations", "stores", "members"}


class GlanceImages:
    """Reads are tried [glance] num_retries times more when the service does not answer."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._service = Service(conf, GROUP, "image")
        self._retries: int = conf.glance.num_retries

    def get(self, context: RequestContext, image_id: str) -> Image:
        answer = self._read(context, _path(image_id), image_id)
        return image_from_api(_json(answer))

    def list(
        self,
        context: RequestContext,
        *,
        name: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> "list[Image]":
        words: dict[str, Any] = {
            **(properties or {}),
            "limit": PAGE,
            "sort": "created_at:desc,id:desc",
        }
        if name is not None:
            words["name"] = name
        path = f"/images?{urlencode(words)}"
        found = []
        while path:
            page = _json(self._read(context, path, ""))
            found += [image_from_api(item) for item in page.get("images", [])]
            link = page.get("next") or ""
            if link and not link.startswith(f"{VERSION}/images"):
                raise ImageStoreUnavailable(reason=f"it gave the odd link {link[:100]!r}")
            path = link.removeprefix(VERSION)
        return found

    def download(
        self,
        context: RequestContext,
        image_id: str,
        target: Path,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Image:
        image = self.get(context, image_id)
        if image.status != "active":
            raise ImageNotActive(image_id=image_id)
        answer = self._once(context, f"{_path(image_id)}/file", image_id, stream=True)
        try:
            verify.write_verified(image, _body(answer), target, progress)
        finally:
            answer.close()
        return image

    def create(self, context: RequestContext, image: Image) -> Image:
        given: dict[str, Any] = {
            name: value for name in _SETTABLE if (value := getattr(image, name)) is not None
        }
        given |= {"owner": image.owner or context.project_id, "tags": image.tags}
        body = {**image.properties, **given, "id": image.id}
        wanted = {name: value for name, value in body.items() if value is not None}
        answer = self._write(context, "POST", "/images", image.id, json=wanted)
        return image_from_api(_json(answer))

    def update(self, context: RequestContext, image_id: str, changes: dict[str, Any]) -> Image:
        lines = [
            {"op": "replace", "path": f"/{name}", "value": value} for name, value in changes.items()
        ]
        answer = self._write(
            *(context, "PATCH", _path(image_id), image_id),
            data=json.dumps(lines),
            headers={"Content-Type": _JSON_PATCH},
        )
        return image_from_api(_json(answer))

    def upload(self, context: RequestContext, image_id: str, chunks: Iterable[bytes]) -> Image:
        counted = verify.Counted(chunks)
        self._write(
            *(context, "PUT", f"{_path(image_id)}/file", image_id),
            data=iter(counted),
            headers={"Content-Type": "application/octet-stream"},
        )
        # A library that asks again, after a new token or a lost connection, has nothing to send
        # any more: so the service is asked what it has.
        image = self.get(context, image_id)
        objection = counted.objection(image)
        if objection:
            raise ImageStoreUnavailable(reason=objection)
        return image

    def delete(self, context: RequestContext, image_id: str) -> None:
        self._write(context, "DELETE", _path(image_id), image_id)

    # --- inside ---------------------------------------------------------------------------

    def _write(
        self, context: RequestContext, method: str, path: str, image_id: str, **kwargs: Any
    ) -> requests.Response:
        """Sent once: only who asked knows what to do about a request that got lost."""
        try:
            answer: requests.Response = self._service.request(
                context, self._prefix() + path, method, connect_retries=0, **kwargs
            )
        except ks_errors.ClientException as error:
            raise ImageStoreUnavailable(reason=_first_line(error)) from error
        status = answer.status_code
        if status < 300:
            return answer
        if status == 404:
            raise ImageNotFound(image_id=image_id)
        reason = _reason(answer)
        if status == 403:
            raise Forbidden(reason)
        if status == 409:
            raise ImageConflict(image_id=image_id, reason=reason)
        if status in (400, 413):
            raise Invalid(f"The image service refused image {image_id}: {reason}")
        raise ImageStoreUnavailable(reason=f"it answered {status} to {method} {path}")

    def _prefix(self) -> str:
        """Endpoints are written with the version, or (as they should be) without it."""
        return "" if self._service.endpoint().rstrip("/").endswith(VERSION) else VERSION

    def _read(self, context: RequestContext, path: str, image_id: str) -> requests.Response:
        pause = FIRST_PAUSE
        for _ in range(self._retries):
            try:
                return self._once(context, path, image_id)
            except ImageStoreUnavailable:
                clock.sleep(pause)
                pause *= 2
        return self._once(context, path, image_id)

    def _once(
        self, context: RequestContext, path: str, image_id: str, stream: bool = False
    ) -> requests.Response:
        try:
            answer: requests.Response = self._service.request(
                context, self._prefix() + path, "GET", stream=stream, headers={"Accept": "*/*"}
            )
        except ks_errors.ClientException as error:
            raise ImageStoreUnavailable(reason=_first_line(error)) from error
        if answer.status_code == 200:
            return answer
        answer.close()
        # 403 is for what the caller may not use, which is no news to give away.
        if answer.status_code in (403, 404) and image_id:
            raise ImageNotFound(image_id=image_id)
        if answer.status_code == 204:
            raise ImageNotActive(image_id=image_id)
        raise ImageStoreUnavailable(reason=f"it answered {answer.status_code} to GET {path}")


def image_from_api(said: dict[str, Any]) -> Image:
    """An Image from the JSON of the Image API v2; what is not a field is a property."""
    values = {
        ours: said[theirs] for theirs, ours in _FIELDS.items() if said.get(theirs) is not None
    }
    values |= {name: _moment(said[name]) for name in _TIMES if said.get(name)}
    known = {*_FIELDS, *_TIMES, *_NOT_PROPERTIES}
    properties = {
        key: value if isinstance(value, str) else str(value)
        for key, value in said.items()
        if key not in known and value is not None
    }
    if "id" not in values:
        raise ImageStoreUnavailable(reason="it sent an image without an id")
    return Image(**values, properties=properties)


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _path(image_id: str) -> str:
    # An id that is no uuid could lead somewhere else in the URL.
    if not ids.is_uuid(image_id):
        raise ImageNotFound(image_id=image_id)
    return f"/images/{quote(image_id)}"


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise ImageStoreUnavailable(reason="it did not send a JSON object")
    return said


def _reason(answer: requests.Response) -> str:
    """What a refusal says, without its mark-up."""
    text = re.sub(r"<[^>]*>", " ", answer.text[:2000])
    return " ".join(text.split())[:200] or f"it answered {answer.status_code}"


def _body(answer: requests.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_content(verify.CHUNK)
    except requests.RequestException as error:
        raise ImageStoreUnavailable(reason=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__
