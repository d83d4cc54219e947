# SPDX-License-Identifier: Apache-2.0
"""What the operator adds to the data of guests: a file, and answers of other services."""

import json
import logging
from typing import Any, Final

import requests

from nova_lite.domain import errors
from nova_lite.domain.instance import Instance

LOG = logging.getLogger(__name__)

STATIC: Final = "StaticJSON"
DYNAMIC: Final = "DynamicJSON"
# What such services look at; the name that they know.
USER_AGENT: Final = "openstack-nova-vendordata"
_MOST: Final = 1 << 20  # bytes of one answer


class VendorData:
    """As [api] vendordata_* say."""

    def __init__(self, conf: Any) -> None:
        """Raises ConfigurationError."""
        given = conf.api
        self._file: str | None = given.vendordata_jsonfile_path
        self._providers: list[str] = given.vendordata_providers
        self._targets = targets(given.vendordata_dynamic_targets)
        self._timeout = (
            given.vendordata_dynamic_connect_timeout,
            given.vendordata_dynamic_read_timeout,
        )
        self._verify: str | bool = given.vendordata_dynamic_ssl_certfile or True
        self._fatal: bool = given.vendordata_dynamic_failure_fatal

    def static(self) -> Any:
        """What the file says, {} where there is none; None when it is not to be told."""
        if STATIC not in self._providers:
            return None
        if not self._file:
            return {}
        try:
            with open(self._file, encoding="utf-8") as file:
                return json.load(file)
        except (OSError, ValueError) as error:
            LOG.warning("Vendor data: %s cannot be read: %s", self._file, error)
            return {}

    def all(self, instance: Instance) -> dict[str, Any]:
        """By the names of their sources; `static` is the file's. Raises Unavailable when a
        service does not answer and it has to."""
        static = self.static()
        found: dict[str, Any] = {} if static is None else {"static": static}
        if DYNAMIC in self._providers:
            body = question(instance)
            for name, url in self._targets.items():
                found[name] = self._ask(name, url, body)
        return found

    def _ask(self, name: str, url: str, body: dict[str, Any]) -> Any:
        try:
            with requests.post(
                url,
                json=body,
                headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
                timeout=self._timeout,
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            ) as answer:
                answer.raise_for_status()
                text = answer.raw.read(_MOST + 1, decode_content=True)
            if len(text) > _MOST:
                raise ValueError(f"more than {_MOST} bytes")
            return json.loads(text) if text else {}
        except (requests.RequestException, OSError, ValueError) as error:
            LOG.warning("Vendor data: %s at %s: %s", name, url, error)
            if self._fatal:
                raise errors.Unavailable(service=f"vendor data {name}", reason="see the log") from (
                    error
                )
            return {}


def targets(lines: list[str]) -> dict[str, str]:
    """`name@url` -> name: url. Raises ConfigurationError."""
    found: dict[str, str] = {}
    for line in lines:
        name, _, url = line.partition("@")
        if not name or not url.startswith(("http://", "https://")) or name in found:
            reason = f"{line!r} is not name@url with a name of its own"
            raise errors.ConfigurationError(
                option="[api] vendordata_dynamic_targets", reason=reason
            )
        found[name] = url
    return found


def question(instance: Instance) -> dict[str, Any]:
    """What a service is told of the server."""
    return {
        "project-id": instance.project_id,
        "instance-id": instance.uuid,
        "image-id": instance.image_ref,
        "user-data": instance.user_data,
        "hostname": instance.hostname,
        "metadata": instance.metadata,
        "boot-roles": instance.system_metadata.get("boot_roles", ""),
    }
