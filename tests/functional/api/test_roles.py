# SPDX-License-Identifier: Apache-2.0
"""Every call of the Compute API with every role: who may, who may not, who sees nothing.

routes_and_roles.txt has a line for each call of the API, also for those that are not there
yet: these must answer as unknown ones. What is tested is the policy: an allowed caller gets
anything but 401 and 403 (the request may well fail for another reason), a refused one gets 403
with the name of the rule, and those of another project do not see the server at all.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nova_lite.api.routes import ROUTES
from nova_lite.api.versions import HISTORY
from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from tests.fixtures.cloud import Cloud
from tests.fixtures.wsgi_client import Response, WsgiClient

PROJECT, OTHER = "p1", "p2"
ROLES = ("reader", "member", "manager", "admin", "service", "other", "nobody")
# The project is in the path.
OF_ONE_PROJECT = ("/os-quota-sets/{}", "/os-simple-tenant-usage/{}")
RANK = {"reader": 1, "member": 2, "manager": 3, "admin": 4}
TABLE = Path(__file__).with_name("routes_and_roles.txt")


class Call(NamedTuple):
    method: str
    path: str
    action: str
    first: str
    last: str
    rule: str
    role: str
    ok: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What finds the route: names of path variables do not matter."""
        segments = ["{}" if part.startswith("{") else part for part in self.path.split("/")]
        return self.method, "/".join(segments), self.action

    def __str__(self) -> str:
        return " ".join(part for part in (self.method, self.path, self.action) if part != "-")


def read_table() -> list[Call]:
    lines = TABLE.read_text().splitlines()
    return [Call(*line.split()) for line in lines if line and not line.startswith("#")]


CALLS = read_table()
HERE = {Call(r.method, r.path, r.action or "-", "", "", "", "", "").key: r.name for r in ROUTES}

# Answered outside of the route table, to everybody.
DISCOVERY = {("GET", "/", "-"), ("GET", "/versions/{}", "-")}

# What is asked of a server that has no such action yet, or of one that has it no more.
ANSWERED_BY_STATUS = {"resetNetwork": 410, "os-getRDPConsole": 400}

BODIES: dict[tuple[str, str, str], Any] = {
    ("PUT", "/servers/{}", "-"): {"server": {"name": "renamed"}},
    ("POST", "/servers/{}/action", "reboot"): {"reboot": {"type": "HARD"}},
    ("POST", "/servers/{}/action", "os-resetState"): {"os-resetState": {"state": "active"}},
    ("POST", "/servers/{}/action", "os-getConsoleOutput"): {"os-getConsoleOutput": {}},
    ("POST", "/servers/{}/action", "createImage"): {"createImage": {"name": "i"}},
    ("POST", "/servers/{}/action", "createBackup"): {
        "createBackup": {"name": "b", "backup_type": "daily", "rotation": 1}
    },
    ("POST", "/servers/{}/action", "addSecurityGroup"): {"addSecurityGroup": {"name": "default"}},
    ("POST", "/servers/{}/action", "removeSecurityGroup"): {
        "removeSecurityGroup": {"name": "default"}
    },
    ("POST", "/servers/{}/action", "addFloatingIp"): {"addFloatingIp": {"address": "192.0.2.9"}},
    ("POST", "/servers/{}/action", "removeFloatingIp"): {
        "removeFloatingIp": {"address": "192.0.2.9"}
    },
    ("POST", "/servers/{}/action", "addFixedIp"): {"addFixedIp": {"networkId": "nowhere"}},
    ("POST", "/servers/{}/action", "removeFixedIp"): {"removeFixedIp": {"address": "192.0.2.9"}},
    ("POST", "/os-floating-ips", "-"): {"pool": "nowhere"},
    ("POST", "/os-security-groups", "-"): {
        "security_group": {"name": "default", "description": "d"}
    },
    ("PUT", "/os-security-groups/{}", "-"): {"security_group": {"name": "n", "description": "d"}},
    ("POST", "/os-security-group-rules", "-"): {
        "security_group_rule": {"parent_group_id": "g", "ip_protocol": "tcp"}
    },
    ("POST", "/servers/{}/action", "rebuild"): {"rebuild": {"imageRef": FAKE_IMAGE_ID}},
    ("POST", "/servers/{}/action", "changePassword"): {"changePassword": {"adminPass": "x"}},
    ("POST", "/servers/{}/action", "os-getVNCConsole"): {"os-getVNCConsole": {"type": "novnc"}},
    ("POST", "/servers/{}/action", "os-getSPICEConsole"): {
        "os-getSPICEConsole": {"type": "spice-html5"}
    },
    ("POST", "/servers/{}/action", "os-getSerialConsole"): {
        "os-getSerialConsole": {"type": "serial"}
    },
    ("POST", "/servers/{}/remote-consoles", "-"): {
        "remote_console": {"protocol": "vnc", "type": "novnc"}
    },
    ("POST", "/flavors", "-"): {"flavor": {"name": "f", "ram": 1, "vcpus": 1, "disk": 0}},
    ("PUT", "/flavors/{}", "-"): {"flavor": {"description": "d"}},
    ("POST", "/flavors/{}/action", "addTenantAccess"): {"addTenantAccess": {"tenant": "t"}},
    ("POST", "/flavors/{}/action", "removeTenantAccess"): {"removeTenantAccess": {"tenant": "t"}},
    ("POST", "/flavors/{}/os-extra_specs", "-"): {"extra_specs": {"a": "b"}},
    ("PUT", "/flavors/{}/os-extra_specs/{}", "-"): {"key": "b"},
    ("POST", "/os-keypairs", "-"): {"keypair": {"name": "k", "public_key": "none"}},
    ("POST", "/servers/{}/os-interface", "-"): {"interfaceAttachment": {}},
    ("POST", "/servers/{}/metadata", "-"): {"metadata": {"a": "b"}},
    ("PUT", "/servers/{}/metadata", "-"): {"metadata": {"a": "b"}},
    ("PUT", "/servers/{}/metadata/{}", "-"): {"meta": {"key": "b"}},
    ("PUT", "/servers/{}/tags", "-"): {"tags": ["a"]},
    ("POST", "/os-aggregates", "-"): {"aggregate": {"name": "a"}},
    ("PUT", "/os-aggregates/{}", "-"): {"aggregate": {"name": "b"}},
    ("POST", "/os-aggregates/{}/action", "add_host"): {"add_host": {"host": "h"}},
    ("POST", "/os-aggregates/{}/action", "remove_host"): {"remove_host": {"host": "h"}},
    ("POST", "/os-aggregates/{}/action", "set_metadata"): {"set_metadata": {"metadata": {}}},
    ("POST", "/os-aggregates/{}/images", "-"): {"cache": [{"id": FAKE_IMAGE_ID}]},
    ("POST", "/os-server-groups", "-"): {"server_group": {"name": "g", "policy": "affinity"}},
    ("PUT", "/os-services/{}", "-"): {"status": "enabled"},
    ("PUT", "/os-quota-sets/{}", "-"): {"quota_set": {"key_pairs": 100}},
    ("PUT", "/os-quota-class-sets/{}", "-"): {"quota_class_set": {"key_pairs": 100}},
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    network = {"backend": "local", "project_networks": True, "wait_for_host": False}
    network["quotas"] = {"port": "-1"}
    made = Cloud(
        hosts=1,
        fake__vcpus=10000,
        fake__memory_mb=10**7,
        quota__server_groups=-1,
        **{f"network__{name}": value for name, value in network.items()},
    )
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def image(cloud: Cloud) -> str:
    return cloud.image()


def caller(cloud: Cloud, role: str, version: str) -> WsgiClient:
    tokens = {"nobody": None, "other": f"u2:{OTHER}:member"}
    token = tokens.get(role, f"u1:{PROJECT}:{role}")
    return WsgiClient(cloud.api, token, version)


def version_of(call: Call) -> str:
    """The newest microversion that has the call."""
    if call.last != "-":
        return call.last
    name = HERE.get(call.key)
    return f"2.{HISTORY.window(name)[1]}" if name else "2.104"


def path_of(cloud: Cloud, call: Call, image: str) -> str:
    """The path with things that are there: a server is made when one is asked for."""
    parts = call.path.split("/")
    first = parts[1] if len(parts) > 1 else ""
    ids = {
        "servers": lambda: cloud.server(project=PROJECT, image=image),
        "flavors": lambda: cloud.flavor(),
        "os-server-groups": lambda: group(cloud),
        "os-quota-sets": lambda: PROJECT,
        "os-simple-tenant-usage": lambda: PROJECT,
    }
    made = [ids[first]() if n == 2 and first in ids and p.startswith("{") else p
            for n, p in enumerate(parts)]  # fmt: skip
    return "/v2.1" + "/".join("key" if part.startswith("{") else part for part in made)


def group(cloud: Cloud) -> str:
    body = {"server_group": {"name": "g", "policy": "affinity"}}
    made = WsgiClient(cloud.api, f"u1:{PROJECT}:member").post("/v2.1/os-server-groups", body)
    assert made.status == 200, made.body
    return str(made.json["server_group"]["id"])


def body_of(cloud: Cloud, call: Call, image: str) -> Any:
    if call.method not in ("POST", "PUT"):
        return None
    if call.key == ("POST", "/servers", "-"):
        server = {"name": "s", "imageRef": image, "flavorRef": cloud.flavor(), "networks": "none"}
        return {"server": server}
    known = BODIES.get(call.key)
    return known if known is not None else {call.action: None}


def send(cloud: Cloud, call: Call, role: str, image: str) -> Response:
    path, body = path_of(cloud, call, image), body_of(cloud, call, image)
    return caller(cloud, role, version_of(call)).request(call.method, path, body)


def may(call: Call, role: str) -> bool:
    """Whether the default policy lets that role."""
    if call.role in ("any", "user"):
        return True
    if role == "service":
        return call.role == "service_or_admin"
    need = "admin" if call.role == "service_or_admin" else call.role
    return RANK["member" if role == "other" else role] >= RANK[need]


def belongs_to_a_project(call: Call) -> bool:
    parts = call.path.split("/")
    return parts[1] in ("servers", "os-server-groups") and "{" in call.path


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("call", [c for c in CALLS if c.key in HERE], ids=str)
def test_role(cloud: Cloud, image: str, call: Call, role: str) -> None:
    answer = send(cloud, call, role, image)
    if role == "nobody":
        assert answer.status == 401
    elif call.action in ANSWERED_BY_STATUS:
        assert answer.status == ANSWERED_BY_STATUS[call.action]
    elif role == "other" and belongs_to_a_project(call):
        assert answer.status == 404, answer.body
    elif call.key[1].startswith(OF_ONE_PROJECT) and role == "other" and call.role != "any":
        assert_refused(answer, call)
    elif may(call, role):
        assert answer.status not in (401, 403), answer.body
        assert answer.status < 500 or answer.status == 501, answer.body
    else:
        assert_refused(answer, call)


def assert_refused(answer: Response, call: Call) -> None:
    assert answer.status == 403, answer.body
    key, message = answer.fault
    assert key == "forbidden"
    rules = {call.rule, f"os_compute_api:{call.rule}"}
    named = message.removeprefix("Policy doesn't allow ").removesuffix(" to be performed.")
    assert named in rules


@pytest.mark.parametrize(
    "call", [c for c in CALLS if c.key not in HERE and c.key not in DISCOVERY], ids=str
)
def test_what_is_not_there_yet_is_unknown(cloud: Cloud, image: str, call: Call) -> None:
    assert send(cloud, call, "nobody", image).status == 401
    answer = send(cloud, call, "admin", image)
    if call.path == "/servers/{id}/action":
        assert answer.status == ANSWERED_BY_STATUS.get(call.action, 400), answer.body
    else:
        assert answer.status in (404, 410), answer.body


def test_every_route_of_ours_is_in_the_table() -> None:
    known = {call.key for call in CALLS}
    ours = {("GET", "/servers/{}/explain", "-"), ("GET", "/servers/{}/ssh", "-")}
    assert set(HERE) - known == ours
