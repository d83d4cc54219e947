# SPDX-License-Identifier: Apache-2.0
"""Passes of Schemathesis over a served API, and what came of them."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nova_lite.api import openapi
from nova_lite.api.versions import HISTORY, negotiate
from tests.fuzz.service import PASSWORD, REPOSITORY

# Left out, and why:
# unsupported_method, allow_header_conformance: the Compute API answers 404 to a method that a
#     path has not, as the router of Nova does; there is no 405.
# positive_data_acceptance: what a schema cannot say is refused, too: names of things that are not
#     there, a body that says otherwise than the path, filters that are no numbers.
# object_level_authorization: wants two users in one pass; tests/functional/api/test_roles.py has
#     every pair of route and role.
# missing_required_header: no call has one.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
)


@dataclass(frozen=True)
class Pass:
    """Who asks, and at which microversion."""

    user: str
    version: int

    @property
    def name(self) -> str:
        return f"{self.user}-{negotiate.text(self.version)}"


PASSES = (
    Pass("admin", HISTORY.newest),
    Pass("member", HISTORY.newest),
    Pass("admin", 1),
    Pass("member", 26),
    Pass("admin", 60),
    Pass("member", 87),
)


class Campaign:
    """`failed`: names of the passes in which a check failed; the reasons are on the screen."""

    def __init__(self, address: str, folder: Path) -> None:
        self._address = address
        self._folder = folder
        self._counts: dict[str, Counter[int]] = {}
        self._documented: set[str] = set()
        self.failed: list[str] = []

    def total(self) -> int:
        return sum(map(Counter.total, self._counts.values()))

    def statuses(self) -> dict[int, int]:
        """status -> how many answers"""
        return dict(sorted(sum(self._counts.values(), Counter()).items()))

    def never_good(self) -> list[str]:
        """Documented calls without one successful answer."""
        return sorted(
            label
            for label in self._documented
            if not any(200 <= status < 300 for status in self._counts.get(label, ()))
        )

    def run(self, which: Pass, seed: int, examples: int, phases: str = "") -> None:
        counts = self._folder / f"{which.name}.json"
        counts.unlink(missing_ok=True)
        endpoint = f"{self._address}/{'latest' if which.version == HISTORY.newest else 'v2.1'}"
        command = [
            *(sys.executable, "-m", "schemathesis.cli"),
            *("--no-color", "run", self._document(which, endpoint), "--url", endpoint),
            *("--auth", f"{which.user}:{PASSWORD}", "--header", _header(which.version)),
            *("--checks", ",".join(CHECKS), "--seed", str(seed), "--max-examples", str(examples)),
            *("--phases", phases or "examples,coverage,fuzzing,stateful"),
            *("--workers", "1", "--continue-on-failure", "--generation-database", "none"),
            *("--suppress-health-check", "all", "--warnings", "off"),
        ]
        environ = {
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
            "PYTHONPATH": str(REPOSITORY),
            "NOVA_LITE_FUZZ_ENDPOINT": f"{self._address}/latest",
            "NOVA_LITE_FUZZ_OWNER": f"{which.user}:{PASSWORD}",
            "NOVA_LITE_FUZZ_ADMIN": f"admin:{PASSWORD}",
            "NOVA_LITE_FUZZ_COUNTS": str(counts),
        }
        print(f"\n==== {which.name}, seed {seed}", flush=True)
        done = subprocess.run(command, cwd=self._folder, env=environ, check=False)
        if done.returncode:
            self.failed.append(f"{which.name} (seed {seed})")
        for label, found in json.loads(counts.read_text()).items():
            known = self._counts.setdefault(label, Counter())
            known.update({int(status): number for status, number in found.items()})

    def _document(self, which: Pass, endpoint: str) -> str:
        """Where the document is: the one that is served, or that of an older microversion."""
        document = openapi.document(endpoint, which.version)
        for where, operations in document["paths"].items():
            self._documented |= {f"{method.upper()} {where}" for method in operations}
        if which.version == HISTORY.newest:
            return f"{self._address}/openapi.json"
        path = self._folder / f"openapi-{which.name}.json"
        path.write_text(json.dumps(document))
        return str(path)


def _header(version: int) -> str:
    return f"{negotiate.HEADER}: {negotiate.SERVICE} {negotiate.text(version)}"
