# SPDX-License-Identifier: Apache-2.0
"""Values of flavor extra specs that are conditions: ">= 4", "<in> aes", "<or> a <or> b".

| written | holds when what the host has |
|---|---|
| = == != >= <= with a number | is as a number at least (=), equal, ... |
| s== s!= s>= s> s<= s< | is so as text |
| <in> x | contains x: as a piece of a text, or as a member of a list |
| <all-in> x y | contains each of the words |
| <or> x <or> y | equals one of them |
| none of these | equals the whole text |
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

_WRITTEN = re.compile(
    r"\s*(<all-in>|<in>|<or>|s==|s!=|s>=|s<=|s>|s<|==|!=|>=|<=|=)\s*(.*?)\s*", re.DOTALL
)

Test = Callable[[Any], bool]

_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    "=": lambda has, wanted: has >= wanted,
    "==": lambda has, wanted: has == wanted,
    "!=": lambda has, wanted: has != wanted,
    ">=": lambda has, wanted: has >= wanted,
    "<=": lambda has, wanted: has <= wanted,
}
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "s==": lambda has, wanted: has == wanted,
    "s!=": lambda has, wanted: has != wanted,
    "s>=": lambda has, wanted: has >= wanted,
    "s>": lambda has, wanted: has > wanted,
    "s<=": lambda has, wanted: has <= wanted,
    "s<": lambda has, wanted: has < wanted,
}


def matches(has: Any, wanted: str) -> bool:
    """Whether `has` (text, number, truth value, list or dict of them) meets `wanted`."""
    return _compiled(wanted)(has)


@lru_cache(maxsize=1024)
def _compiled(wanted: str) -> Test:
    found = _WRITTEN.fullmatch(wanted)
    if found is None:
        return _equals(wanted.strip())
    operator, operand = found.groups()
    if operator in _NUMBERS:
        return _number(_NUMBERS[operator], operand)
    if operator in _TEXTS:
        compare = _TEXTS[operator]
        return lambda has: compare(_text(has), operand)
    if operator == "<or>":
        tests = [_equals(word.strip()) for word in operand.split("<or>")]
        return lambda has: any(test(has) for test in tests)
    if operator == "<in>":
        return lambda has: _contains(has, operand)
    words = operand.split()
    return lambda has: all(_contains(has, word) for word in words)


def _number(compare: Callable[[float, float], bool], operand: str) -> Test:
    try:
        wanted = float(operand)
    except ValueError:
        return lambda has: False

    def test(has: Any) -> bool:
        try:
            return compare(float(has), wanted)
        except (TypeError, ValueError):
            return False

    return test


def _equals(wanted: str) -> Test:
    def test(has: Any) -> bool:
        if isinstance(has, bool):
            return _text(has).lower() == wanted.lower()
        return _text(has) == wanted

    return test


def _contains(has: Any, word: str) -> bool:
    if isinstance(has, list | tuple | set | frozenset | dict):
        return any(_text(member) == word for member in has)
    return word in _text(has)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
