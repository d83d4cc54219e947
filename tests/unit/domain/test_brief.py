# SPDX-License-Identifier: Apache-2.0
"""Texts that have to fit."""

import pytest

from nova_lite.domain.brief import LONGEST, brief


@pytest.mark.parametrize("text", ["", "short", "x" * LONGEST])
def test_what_fits_is_left_alone(text: str) -> None:
    assert brief(text) == text


@pytest.mark.parametrize("length", [LONGEST + 1, 300, 5000])
def test_both_ends_of_what_is_too_long_stay(length: int) -> None:
    text = "start of the guest failed: ".ljust(length, ".") + "Permission denied"
    short = brief(text)
    assert len(short) <= LONGEST
    assert short.startswith("start of the guest failed: ")
    assert short.endswith("Permission denied")
    assert " ... " in short


def test_another_limit() -> None:
    assert brief("0123456789" * 10, 20) == "01234 ... 0123456789"
