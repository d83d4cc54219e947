# SPDX-License-Identifier: Apache-2.0
"""What exists in the cloud that is tried: ids to ask for, made again when they are gone.

Made requests rename, disable, delete and limit what they meet. `heal` puts back what later ones
need: hosts that take servers, quota, and not too many servers.
"""

from typing import Any

import requests

from nova_lite.backends.image.fake import FAKE_IMAGE_ID

MOST_SERVERS = 60
TIMEOUT = 60  # seconds
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJc2ZL7SkO7T7ZX6zOgYx1v8M4n3oT2rXJ8xq0nq0q0q a@b"


class Things:
    """`owner` and `admin` are (user, password); servers and keys are the owner's."""

    def __init__(self, endpoint: str, owner: tuple[str, str], admin: tuple[str, str]) -> None:
        self._endpoint = endpoint
        self._owner = owner
        self._admin = admin
        self._session = requests.Session()
        self._known: dict[str, str] = {}

    def one_of(self, kind: str) -> str | None:
        """The id of a thing, by the name of its collection; None where none can be had."""
        known = self._known.get(kind)
        if known is None:
            make = getattr(self, f"_make_{kind.replace('-', '_')}", None)
            known = make() if make else None
            if known is not None:
                self._known[kind] = known
        return known

    def part_of(self, kind: str, parent: str) -> str | None:
        """The id of something that belongs to a thing."""
        if kind == "os-extra_specs":
            self._ask("POST", f"/flavors/{parent}/os-extra_specs", {"extra_specs": {"a:b": "1"}})
            return "a:b"
        if kind == "os-instance-actions":
            found = self._ask("GET", f"/servers/{parent}/os-instance-actions")
            return found["instanceActions"][0]["request_id"] if found else None
        if kind in ("metadata", "tags"):
            path = f"/servers/{parent}/{kind}"
            body = {"metadata": {"a": "1"}} if kind == "metadata" else {"tags": ["a"]}
            self._ask("PUT", path, body)
            return "a"
        if kind in ("os-interface", "ips"):
            made = self._ask("POST", f"/servers/{parent}/os-interface", {"interfaceAttachment": {}})
            if kind == "ips":
                return "fake-net"
            return made["interfaceAttachment"]["port_id"] if made else None
        return None

    def forget(self, value: str) -> None:
        """It is gone, or was made so."""
        self._known = {kind: known for kind, known in self._known.items() if known != value}

    def heal(self) -> None:
        for service in (self._ask("GET", "/os-services?binary=nova-compute") or {})["services"]:
            if service["status"] != "enabled" or service.get("forced_down"):
                body = {"status": "enabled", "forced_down": False}
                self._ask("PUT", f"/os-services/{service['id']}", body)
        # not endless, or one request could ask for more than the machine holds
        limits = {"instances": 500, "cores": -1, "ram": -1, "key_pairs": -1}
        for where in ("/os-quota-class-sets/default", f"/os-quota-sets/{self._owner[0]}"):
            key = "quota_class_set" if "class" in where else "quota_set"
            more = {"server_groups": -1, "server_group_members": -1, "metadata_items": 128}
            force = {} if "class" in where else {"force": True}
            self._ask("PUT", where, {key: {**limits, **more, **force}})
        servers = (self._ask("GET", "/servers?all_tenants=1") or {"servers": []})["servers"]
        for server in servers[MOST_SERVERS:]:
            self._ask("DELETE", f"/servers/{server['id']}")
            self.forget(server["id"])

    # --- the collections ---------------------------------------------------------------------

    def _make_servers(self) -> str | None:
        flavor = self.one_of("flavors")
        wish = {"name": "s", "imageRef": FAKE_IMAGE_ID, "flavorRef": flavor, "networks": "auto"}
        made = self._ask("POST", "/servers", {"server": wish}, self._owner)
        if made is None:
            self._known.pop("flavors", None)
            return None
        return str(made["server"]["id"])

    def _make_flavors(self) -> str | None:
        flavor = {"name": None, "id": None, "ram": 64, "vcpus": 1, "disk": 1}
        self._number = getattr(self, "_number", 0) + 1
        flavor["name"] = f"real-{self._owner[0]}-{self._number}"
        made = self._ask("POST", "/flavors", {"flavor": flavor})
        return str(made["flavor"]["id"]) if made else None

    def _make_os_keypairs(self) -> str:
        self._ask(
            "POST", "/os-keypairs", {"keypair": {"name": "k", "public_key": KEY}}, self._owner
        )
        return "k"

    def _make_os_server_groups(self) -> str | None:
        body = {"server_group": {"name": "g", "policy": "soft-anti-affinity"}}
        made = self._ask("POST", "/os-server-groups", body, self._owner)
        return str(made["server_group"]["id"]) if made else None

    def _make_os_services(self) -> str | None:
        found = self._ask("GET", "/os-services?binary=nova-compute")
        return found["services"][-1]["id"] if found and found["services"] else None

    def _make_os_hypervisors(self) -> str | None:
        found = self._ask("GET", "/os-hypervisors")
        return found["hypervisors"][0]["id"] if found and found["hypervisors"] else None

    def _make_os_aggregates(self) -> str | None:
        self._number = getattr(self, "_number", 0) + 1
        body = {"aggregate": {"name": f"real-{self._number}"}}
        made = self._ask("POST", "/os-aggregates", body)
        return str(made["aggregate"]["id"]) if made else None

    def _make_os_simple_tenant_usage(self) -> str:
        return self._owner[0]

    def _make_os_quota_sets(self) -> str:
        return self._owner[0]

    def _make_os_quota_class_sets(self) -> str:
        return "default"

    def _ask(
        self, method: str, path: str, body: Any = None, who: tuple[str, str] | None = None
    ) -> Any:
        """The decoded answer; None when it was refused."""
        answer = self._session.request(
            method, self._endpoint + path, json=body, auth=who or self._admin, timeout=TIMEOUT
        )
        return answer.json() if answer.ok and answer.content else None
