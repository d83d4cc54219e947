# SPDX-License-Identifier: Apache-2.0
"""What clients hear of volumes where there are none."""

import pytest

from nova_lite.api.volumeless import volumeless_app
from tests.fixtures.wsgi_client import WsgiClient


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/v3/limits", {"limits": {"rate": [], "absolute": {}}}),
        ("GET", "/v3/os-availability-zone", {"availabilityZoneInfo": []}),
        ("GET", "/v3/os-quota-sets/p?usage=False", {"quota_set": {"id": "p"}}),
        ("GET", "/v3/os-quota-sets/p/defaults", {"quota_set": {"id": "p"}}),
        ("DELETE", "/v3/os-quota-sets/p", {"quota_set": {"id": "p"}}),
    ],
)
def test_nothing_is_there_and_said_so(method: str, path: str, answer: object) -> None:
    found = WsgiClient(volumeless_app).request(method, path)
    assert (found.status, found.json) == (200, answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v3/volumes"),
        ("POST", "/v3/volumes"),
        ("PUT", "/v3/os-quota-sets/p"),
        ("GET", "/v3/os-quota-sets"),
        ("DELETE", "/v3/limits"),
    ],
)
def test_all_else_is_not_there(method: str, path: str) -> None:
    found = WsgiClient(volumeless_app).request(method, path)
    assert (found.status, found.fault[0]) == (404, "itemNotFound")
