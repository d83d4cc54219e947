# SPDX-License-Identifier: Apache-2.0
"""One place that talks HTTP: keystoneauth session, microversion, errors in one line."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from keystoneauth1 import adapter as ksa_adapter
from keystoneauth1 import exceptions as ksa
from keystoneauth1.identity.base import BaseIdentityPlugin

from nova_lite.cli.errors import Refused, SetupError, Unreachable

COMPUTE_VERSION = "2.104"
CLOUD = "nova-lite"


def data_folder() -> Path:
    """Where `nova-lite up` keeps everything, unless told otherwise."""
    named = os.environ.get("NOVA_LITE_HOME")
    if named:
        return Path(named)
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "nova-lite"


def _load_cloud(cloud: str | None, folder: Path | None) -> tuple[Any, Any]:
    """(region configuration, session); of the data folder, where one is given. Raises
    SetupError."""
    # imported here: it takes a fifth of a second that `--help` need not pay
    from openstack import exceptions as sdk_errors
    from openstack.config import OpenStackConfig

    own = (folder or data_folder()) / "clouds.yaml"
    files = None
    named = cloud or os.environ.get("OS_CLOUD")
    has_environment = named or os.environ.get("OS_AUTH_URL") or os.environ.get("OS_AUTH_TYPE")
    if folder is not None:
        if not own.exists():
            raise SetupError(f"no cloud was started in {folder}: there is no {own.name}")
        files, named = [str(own)], CLOUD
    elif (not has_environment or named == CLOUD) and own.exists():
        if not os.environ.get("OS_CLIENT_CONFIG_FILE"):
            files, named = [str(own)], named or CLOUD
    try:
        # a variable would put another file before that of a folder
        config = OpenStackConfig(config_files=files, load_envvars=folder is None)
        found = config.get_one(cloud=named)
        return found, found.get_session()
    except (sdk_errors.ConfigException, ksa.ClientException) as exc:
        raise SetupError(
            f"no cloud to talk to: {exc}. Start one with 'nova-lite up', or set OS_CLOUD"
        ) from exc


class Api:
    """The Compute API of one cloud; with it those for images and networks."""

    def __init__(
        self, cloud: str | None, version: str = COMPUTE_VERSION, folder: Path | None = None
    ) -> None:
        self._cloud, self._session = _load_cloud(cloud, folder)
        self._version = version
        self.compute = self._adapter("compute", version)

    def _adapter(
        self, service: str, microversion: str | None, **options: Any
    ) -> ksa_adapter.Adapter:
        return ksa_adapter.Adapter(
            session=self._session,
            service_type=service,
            region_name=self._cloud.get_region_name(service),
            interface=self._cloud.get_interface(service),
            endpoint_override=self._cloud.get_endpoint(service),
            default_microversion=microversion,
            connect_retries=1,
            **options,
        )

    @property
    def image(self) -> ksa_adapter.Adapter:
        return self._adapter("image", None)

    @property
    def network(self) -> ksa_adapter.Adapter:
        """Raises SetupError where the cloud has none."""
        if not self._cloud.has_service("network"):
            raise SetupError(
                "this cloud has no Networking API: its networks are not managed by commands"
            )
        return self._adapter("network", None)

    @property
    def identity(self) -> ksa_adapter.Adapter | None:
        """The Identity API v3; None where this cloud has none."""
        told = self._cloud.config.get("identity_endpoint_override")
        if told or isinstance(self._session.auth, BaseIdentityPlugin):
            return self._adapter("identity", None, version="3")
        return None

    def project_id(self) -> str | None:
        """The project of the caller; None where the cloud does not tell before the call."""
        try:
            found = self._session.get_project_id()
        except ksa.ClientException:
            found = None
        return found or self._cloud.config.get("nova_lite_project_id")

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        service: ksa_adapter.Adapter | None = None,
        **options: Any,
    ) -> Any:
        """Send, and give the decoded answer (None when it is empty). Raises Refused,
        Unreachable."""
        if query:
            pairs = [(k, v) for k, v in query.items() if v is not None]
            path = f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path
        if body is not None:
            options["json"] = body
        client = service or self.compute
        try:
            answer = client.request(path, method, raise_exc=False, **options)
        except (ksa.ConnectFailure, ksa.ConnectTimeout, ksa.RetriableConnectionFailure) as exc:
            raise Unreachable(
                f"no answer from {client.get_endpoint()}: {_why(exc)}. Is it up? A cloud on this "
                "machine is started with 'nova-lite up'"
            ) from exc
        except ksa.Unauthorized as exc:
            raise Refused(f"not authorised: {exc.message}", 401) from exc
        except ksa.ClientException as exc:
            raise SetupError(f"cannot sign in: {exc}") from exc
        if answer.status_code >= 400:
            raise _refusal(answer)
        if options.get("stream"):
            return answer  # its content is not read here
        if not answer.content:
            return None
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else answer.text

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any) -> Any:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, body)

    def delete(self, path: str, **query: Any) -> None:
        self.call("DELETE", path, query=query)

    def pages(self, path: str, key: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a paged collection, following the `next` links."""
        answer = self.get(path, **query)
        while True:
            yield from answer[key]
            links = answer.get(f"{key}_links") or []
            onward = next((link["href"] for link in links if link["rel"] == "next"), None)
            if onward is None:
                return
            answer = self.get(path + "?" + onward.partition("?")[2])

    # --- finding things by name or id --------------------------------------------------------

    def find(self, noun: str, path: str, key: str, wanted: str, **query: Any) -> dict[str, Any]:
        """The one item whose id or name is `wanted`. Raises Refused when none or several."""
        one = key.removesuffix("s")
        try:
            answer = self.get(f"{path}/{quote(wanted, safe='')}")
        except Refused as exc:
            if exc.status not in (400, 404):
                raise
        else:
            if isinstance(answer, dict) and one in answer:
                return answer[one]  # else a name that is a word of the API, as "detail" or ".."
        named = [item for item in self.pages(path, key, **query) if item.get("name") == wanted]
        if len(named) == 1:
            return self.get(f"{path}/{named[0]['id']}")[one]
        if named:
            ids = ", ".join(item["id"] for item in named)
            raise Refused(f"more than one {noun} is named {wanted!r}: {ids}", 409)
        raise Refused(f"no {noun} with name or id {wanted!r}", 404)

    def server(self, wanted: str) -> dict[str, Any]:
        return self.find("server", "/servers", "servers", wanted)

    def flavor(self, wanted: str) -> dict[str, Any]:
        return self.find("flavor", "/flavors", "flavors", wanted, is_public="None")

    def image_named(self, wanted: str) -> dict[str, Any]:
        image = self.image
        try:
            answer = self.call("GET", f"/v2/images/{quote(wanted, safe='')}", service=image)
        except Refused as exc:
            if exc.status not in (400, 404):
                raise
        else:
            if isinstance(answer, dict) and "id" in answer:
                return answer
        found = self.call("GET", "/v2/images", query={"name": wanted}, service=image)["images"]
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(f"more than one image is named {wanted!r}", 409)
        raise Refused(f"no image with name or id {wanted!r}", 404)


def _why(error: BaseException) -> str:
    """What the operating system said, below all that libraries wrapped around it."""
    found: BaseException | None = error
    while found is not None:
        reason = getattr(found, "reason", None)  # urllib3's, which is no cause
        if isinstance(found, OSError) and found.strerror:
            return found.strerror
        inner = next((arg for arg in found.args if isinstance(arg, BaseException)), None)
        found = (
            found.__cause__
            or found.__context__
            or inner
            or (reason if isinstance(reason, BaseException) else None)
        )
    return str(error)


def _refusal(answer: Any) -> Refused:
    request_id = answer.headers.get("x-openstack-request-id")
    message = answer.reason or "refused"
    try:
        body = answer.json()
    except (json.JSONDecodeError, ValueError):
        text = answer.text.strip()
        message = text.splitlines()[0] if text and "<" not in text else message
    else:
        inner = next(iter(body.values()), None) if isinstance(body, dict) else None
        if isinstance(inner, dict) and "message" in inner:
            message = inner["message"]
        elif isinstance(body, dict) and isinstance(body.get("message"), str):
            message = body["message"]
    return Refused(message, answer.status_code, request_id)
