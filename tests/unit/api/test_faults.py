# SPDX-License-Identifier: Apache-2.0
import json

import pytest

from nova_lite.api import faults
from nova_lite.domain import errors

# Every error of the domain, and what it means to a caller. An error without a line here is
# either mapped by its family, in which case the line says so, or forgotten.
FAMILIES = {
    errors.Invalid: 400,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Unsupported: 501,
    errors.Unavailable: 503,
}
# Outside of the families: what happens between our own processes, and inside of flows. These
# reach a caller only when something is broken.
INNER = {
    "remote_error",
    "bad_message",
    "unsupported_version",
    "schema_version_mismatch",
    "configuration",
    "build_failed",
    "build_aborted",
    "max_retries_exceeded",
    "claim_refused",
    "deadline_passed",
    "interface_attach_failed",
    "group_policy_broken",
    "guest_operation_failed",
}


@pytest.mark.parametrize("code", sorted(errors.all_errors()))
def test_every_error_of_the_domain_has_a_row(code: str) -> None:
    cls = errors.all_errors()[code]
    found = faults.find(errors.from_code(code, {}, "m"))
    assert found is not None
    family = [status for family, status in FAMILIES.items() if issubclass(cls, family)]
    if family:
        assert found.status == family[0]
    elif cls is errors.NoValidHost:
        assert found.status == 400
    else:
        assert code in INNER, "give it a family, or a row in nova_lite/api/faults.py"
        assert found.status == 500


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (400, "badRequest"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "itemNotFound"),
        (405, "badMethod"),
        (406, "computeFault"),
        (409, "conflictingRequest"),
        (410, "computeFault"),
        (413, "overLimit"),
        (415, "badMediaType"),
        (422, "computeFault"),
        (429, "overLimit"),
        (500, "computeFault"),
        (501, "notImplemented"),
        (503, "serviceUnavailable"),
    ],
)
def test_envelope(status: int, key: str) -> None:
    fault = faults.fault(status, "m")
    assert json.loads(fault.body) == {key: {"code": status, "message": "m"}}


def test_retry_after() -> None:
    fault = faults.fault(413, "m", {"Retry-After": "5"})
    assert json.loads(fault.body) == {"overLimit": {"code": 413, "message": "m", "retryAfter": "5"}}


def test_a_subclass_inherits_its_familys_row() -> None:
    class Special(errors.FlavorNotFound):
        code = "special_for_this_test"

    try:
        assert faults.find(Special("m")) == (404, "itemNotFound")
    finally:
        del errors._BY_CODE["special_for_this_test"]


def test_a_route_may_say_otherwise() -> None:
    error = errors.FlavorNotFound(flavor_id="x")
    fault = faults.of(error, "req-1", {errors.NotFound: 400})
    assert fault.status == 400
    assert json.loads(fault.body)["badRequest"]["message"] == "Flavor x could not be found."


@pytest.mark.parametrize("error", [KeyError("secret"), errors.RemoteError("secret", type="T")])
def test_what_is_unexpected_shows_no_message(error: Exception) -> None:
    fault = faults.of(error, "req-1")
    message = json.loads(fault.body)["computeFault"]["message"]
    assert fault.status == 500
    assert "secret" not in message
    assert "req-1" in message and type(error).__name__ in message
