# SPDX-License-Identifier: Apache-2.0
"""The Networking API in this process, over rows in memory."""

from types import SimpleNamespace
from typing import Any

from nova_lite.api import wsgi
from nova_lite.base import policy
from nova_lite.rpc.memory import MemoryBus
from tests.fixtures.settings import make_conf
from tests.fixtures.wsgi_client import Response, WsgiClient
from tests.functional.api.network.rows import Rows


class Networking:
    """The calls are made as one user, by default a member of p1."""

    def __init__(self, app: Any, rows: Rows, token: str = "u1:p1:member") -> None:
        self.app = app
        self.rows = rows
        self.client = WsgiClient(app, token, None)

    def as_user(self, token: str | None) -> "Networking":
        found = Networking(self.app, self.rows)
        found.client = WsgiClient(self.app, token, None)
        return found

    @property
    def admin(self) -> "Networking":
        return self.as_user("admin:admins:admin")

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Response:
        return self.client.request(method, f"/network{path}", body, **more)

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.call("GET", f"/v2.0{path}")
        assert answer.status == status, answer.body
        return answer.json

    def make(self, path: str, one: str, **fields: Any) -> Any:
        """A new resource as it was answered."""
        answer = self.call("POST", f"/v2.0/{path}", {one: fields})
        assert answer.status == 201, answer.body
        return answer.json[one]

    def network(self, **fields: Any) -> Any:
        return self.make("networks", "network", **fields)

    def port(self, **fields: Any) -> Any:
        return self.make("ports", "port", **fields)

    def change(self, path: str, one: str, **fields: Any) -> Any:
        answer = self.call("PUT", f"/v2.0/{path}", {one: fields})
        assert answer.status == 200, answer.body
        return answer.json[one]

    def refused(
        self, method: str, path: str, body: Any = None, **more: Any
    ) -> tuple[int, str, str]:
        """(status, type, message) of an error."""
        answer = self.call(method, f"/v2.0{path}", body, **more)
        error = answer.json["NeutronError"]
        assert set(error) == {"type", "message", "detail"}
        return answer.status, error["type"], error["message"]


def build(rows: Rows | None = None, **options: Any) -> Networking:
    conf = make_conf(
        **{
            "transport_url": "memory://",
            "api__auth_strategy": "noauth2",
            "network__backend": "local",
            **options,
        }
    )
    policy.setup(conf)
    rows = rows or Rows()
    clients: Any = SimpleNamespace(conductor=rows)
    return Networking(wsgi.build(conf, MemoryBus(), clients), rows)
