# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest

from nova_lite.scheduler.operators import matches


@pytest.mark.parametrize(
    ("has", "wanted", "meets"),
    [
        ("1", "1", True),
        ("1", "2", False),
        (1, "1", True),
        (True, "true", True),
        (True, "False", False),
        ("two words", "two words", True),
        ("s390x", "s390x", True),
        ("123", "= 124", False),
        ("124", "= 123", True),
        (123, "== 123", True),
        ("123", "==123", True),
        (123.5, "!= 123", True),
        (4, ">= 4", True),
        (3, ">= 4", False),
        (4, "<= 4", True),
        (5, "<= 4", False),
        ("junk", ">= 4", False),
        (5, ">= junk", False),
        (None, ">= 4", False),
        ("b", "s== b", True),
        ("b", "s!= b", False),
        ("b", "s>= b", True),
        ("b", "s> b", False),
        ("b", "s<= a", False),
        ("a", "s< b", True),
        ("2.1.10", "s== 2.1.10", True),
        ("12311321", "<in> 11", True),
        ("12", "<in> 11", False),
        (["aes", "vmx"], "<in> aes", True),
        (["aes-ni"], "<in> aes", False),
        (["aes", "vmx"], "<all-in> vmx aes", True),
        ("aes mmx", "<all-in> aes mmx", True),
        ("aes mmx", "<all-in> aes txt", False),
        ("12", "<or> 11 <or> 12", True),
        ("12", "<or> 11 <or> 12 <or>", True),
        ("12", "<or> 12", True),
        ("1", "<or> 11 <or> 12", False),
        ("two words", "<or> two words <or> one", True),
    ],
)
def test_what_meets_what(has: Any, wanted: str, meets: bool) -> None:
    assert matches(has, wanted) is meets
