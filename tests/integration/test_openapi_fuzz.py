# SPDX-License-Identifier: Apache-2.0
"""Requests that nobody would think of, against what the API says of itself.

Schemathesis makes them from /openapi.json, good ones and broken ones in turn; every answer must
be one that the document knows, with the shape that it says, and never a 500. Half of the ids
are those of things that exist. NOVA_LITE_FUZZ_REQUESTS says how many requests; a run before a
release is 20,000.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode, checks
from schemathesis.specs.openapi import checks as openapi_checks

from tests.fixtures.cloud import Cloud

REQUESTS = int(os.environ.get("NOVA_LITE_FUZZ_REQUESTS", "1500"))
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
HEADERS = {"X-Auth-Token": "admin:admin"}


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    made = Cloud(hosts=1)
    try:
        yield made
    finally:
        made.stop()


class Things:
    """What exists, by the first word of a path: made again when it was deleted."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._flavor = cloud.flavor()
        self._random = random.Random(7)
        self._ids: dict[str, str | None] = {}

    def one_of(self, kind: str) -> str | None:
        """The id of a thing of this kind; None where there is none and none can be made."""
        if kind not in ("servers", "flavors"):
            return None
        known = self._ids.get(kind)
        if known is None or self._cloud.admin.get(f"/v2.1/{kind}/{known}").status == 404:
            self._ids[kind] = self._make(kind)
        return self._ids[kind]

    def _make(self, kind: str) -> str | None:
        if kind == "flavors":
            return self._cloud.flavor()
        server = {
            "name": "s",
            "imageRef": self._cloud.image(),
            "flavorRef": self._flavor,
            "networks": "none",
        }
        made = self._cloud.admin.post("/v2.1/servers", {"server": server})
        # the quota may have been made smaller
        return str(made.json["server"]["id"]) if made.status == 202 else None

    def put_into(self, case: Any) -> None:
        """Replace ids of the case by those of real things, every other time."""
        if self._random.random() < 0.5:
            return
        kind = case.path.strip("/").split("/")[0]
        real = self.one_of(kind)
        names = {"servers": ("id", "server_id"), "flavors": ("id", "flavor_id")}.get(kind, ())
        if real is not None and isinstance(case.path_parameters, dict):
            for name in names:
                first = f"/{kind}/{{{name}}}"
                if name in case.path_parameters and case.path.startswith(first):
                    case.path_parameters[name] = real
        server = case.body.get("server") if isinstance(case.body, dict) else None
        if kind == "servers" and case.method.upper() == "POST" and isinstance(server, dict):
            server |= {"flavorRef": self._flavor, "imageRef": self._cloud.image()}
            if self._random.random() < 0.5:
                for key in ("key_name", "host", "availability_zone", "hypervisor_hostname"):
                    server.pop(key, None)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_answer_is_one_that_is_documented(cloud: Cloud) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", cloud.api)
    operations = [result.ok() for result in schema.get_all_operations()]
    things = Things(cloud)
    each = max(1, -(-REQUESTS // (len(operations) * len(MODES))))
    statuses: Counter[int] = Counter()
    failures: dict[str, str] = {}

    def send(case: Any) -> None:
        things.put_into(case)
        answer = case.call(headers=HEADERS)
        statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseException as failure:  # several kinds; all are reported at the end
            failures.setdefault(f"{case.operation.label}: {type(failure).__name__}", str(failure))

    for operation in operations:
        for mode in MODES:
            run = hypothesis.given(case=operation.as_strategy(generation_mode=mode))(send)
            settings = hypothesis.settings(
                max_examples=each,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(hypothesis.HealthCheck),
                phases=[hypothesis.Phase.generate],
            )
            try:
                settings(run)()
            except hypothesis.errors.Unsatisfiable:
                continue  # nothing can be wrong with a call that takes nothing
    print(dict(statuses))
    assert not failures, "\n\n".join(f"{where}\n{what}" for where, what in failures.items())
    assert statuses[200] > 0 and statuses[202] > 0 and statuses[400] > 0
    assert sum(statuses.values()) > REQUESTS / 2
