# SPDX-License-Identifier: Apache-2.0
"""The Image API in this process, over a local store of its own."""

from pathlib import Path
from typing import Any

from nova_lite.api import wsgi
from nova_lite.base import policy
from nova_lite.rpc.memory import MemoryBus
from tests.fixtures.settings import make_conf
from tests.fixtures.wsgi_client import Response, WsgiClient

PATCH = "application/openstack-images-v2.1-json-patch"
MAX_SIZE = 5_000_000


class Images:
    """`app` is the whole application; the calls are made as one user."""

    def __init__(self, app: Any, folder: Path, token: str = "u1:p1:member") -> None:
        self.app = app
        self.folder = folder
        self.client = WsgiClient(app, token, None)

    def as_user(self, token: str) -> "Images":
        return Images(self.app, self.folder, token)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Response:
        return self.client.request(method, f"/image{path}", body, **more)

    def make(self, data: bytes | None = None, **fields: Any) -> dict[str, Any]:
        """A new image as it was answered; with data where some is given."""
        body = {"disk_format": "raw", "container_format": "bare", **fields}
        answer = self.call("POST", "/v2/images", body)
        assert answer.status == 201, answer.body
        if data is not None:
            assert self.upload(answer.json["id"], data).status == 204
        made: dict[str, Any] = self.show(answer.json["id"])
        return made

    def show(self, image_id: str) -> Any:
        answer = self.call("GET", f"/v2/images/{image_id}")
        assert answer.status == 200, answer.body
        return answer.json

    def upload(self, image_id: str, data: bytes, **headers: str) -> Response:
        kinds = {"Content-Type": "application/octet-stream", **headers}
        return self.call("PUT", f"/v2/images/{image_id}/file", raw=data, headers=kinds)

    def patch(self, image_id: str, *changes: dict[str, Any], media: str = PATCH) -> Response:
        headers = {"Content-Type": media}
        return self.call("PATCH", f"/v2/images/{image_id}", list(changes), headers=headers)

    def names(self, query: str = "") -> list[str]:
        answer = self.call("GET", f"/v2/images{query}")
        assert answer.status == 200, answer.body
        return [image["name"] for image in answer.json["images"]]


def build(folder: Path, **options: Any) -> Images:
    conf = configure(folder, **options)
    return Images(wsgi.build(conf, MemoryBus()), folder / "images")


def configure(folder: Path, **options: Any) -> Any:
    conf = make_conf(
        transport_url="memory://",
        state_path=str(folder),
        api__auth_strategy="noauth2",
        image__backend="local",
        image__local_path=str(folder / "images"),
        image__local_max_size=MAX_SIZE,
        **options,
    )
    policy.setup(conf)
    return conf
