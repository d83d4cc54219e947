# SPDX-License-Identifier: Apache-2.0
"""What Schemathesis does with every request of ours (SCHEMATHESIS_HOOKS=tests.fuzz.hooks).

Three of four good path variables become ids of things that exist, and servers are asked for
with a flavor and an image that do. All answers are counted; the counts are written at the end.

The environment says where and who: NOVA_LITE_FUZZ_ENDPOINT, NOVA_LITE_FUZZ_OWNER and
NOVA_LITE_FUZZ_ADMIN (user:password), NOVA_LITE_FUZZ_COUNTS (a file).
"""

import atexit
import json
import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from nova_lite.backends.image.fake import FAKE_IMAGE_ID
from tests.fuzz.things import Things

HEAL_EVERY = 200


def _pair(name: str) -> tuple[str, str]:
    user, _, password = os.environ[name].partition(":")
    return user, password


THINGS = Things(
    os.environ["NOVA_LITE_FUZZ_ENDPOINT"],
    _pair("NOVA_LITE_FUZZ_OWNER"),
    _pair("NOVA_LITE_FUZZ_ADMIN"),
)
RANDOM = random.Random(7)
# "GET /servers/{id}" -> status -> how many
COUNTS: dict[str, Counter[int]] = {}


@atexit.register
def write_counts() -> None:
    Path(os.environ["NOVA_LITE_FUZZ_COUNTS"]).write_text(json.dumps(COUNTS))


def good(case: Any, where: ParameterLocation) -> bool:
    """Whether this part of a case was meant to be right."""
    return case.meta is None or not case.meta.is_negative_at(where)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    if sum(map(Counter.total, COUNTS.values())) % HEAL_EVERY == 0:
        THINGS.heal()
    if good(case, ParameterLocation.PATH) and case.path_parameters and RANDOM.random() < 0.75:
        fill(case)
    if (case.method.upper(), case.path) == ("POST", "/servers") and good(
        case, ParameterLocation.BODY
    ):
        wish(case.body)


def fill(case: Any) -> None:
    """Ids of real things for the variables of the path."""
    collection, *rest = case.path.strip("/").split("/")
    real = THINGS.one_of(collection)
    if real is None:
        return
    first = rest[0].strip("{}")
    if first in case.path_parameters:
        case.path_parameters[first] = real
    if len(rest) == 3 and rest[2].strip("{}") in case.path_parameters:
        part = THINGS.part_of(rest[1], real)
        if part is not None:
            case.path_parameters[rest[2].strip("{}")] = part


def wish(body: Any) -> None:
    """A server that can be had, most of the time."""
    server = body.get("server") if isinstance(body, dict) else None
    if not isinstance(server, dict):
        return
    server["flavorRef"] = THINGS.one_of("flavors") or server.get("flavorRef")
    server["imageRef"] = FAKE_IMAGE_ID
    for key in ("min_count", "max_count"):
        if key in server and RANDOM.random() < 0.9:
            server[key] = 2
    names = ("key_name", "host", "availability_zone", "hypervisor_hostname", "networks")
    # things of other services, which the fake ones do not have
    names += ("block_device_mapping", "block_device_mapping_v2", "security_groups")
    if RANDOM.random() < 0.7:
        for key in names:
            server.pop(key, None)
        server["networks"] = "none"
        for key in ("os:scheduler_hints", "OS-SCH-HNT:scheduler_hints"):
            body.pop(key, None)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    label = f"{case.method.upper()} {case.path}"
    COUNTS.setdefault(label, Counter())[response.status_code] += 1
    status = response.status_code
    if status == 404 or (case.method.upper() == "DELETE" and status < 300):
        for value in (case.path_parameters or {}).values():
            THINGS.forget(str(value))
