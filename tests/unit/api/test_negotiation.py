# SPDX-License-Identifier: Apache-2.0
import pytest

from nova_lite.api.versions import HISTORY
from nova_lite.api.versions.negotiate import BadVersion, OutOfRange, choose

NEW = HISTORY.newest


@pytest.mark.parametrize(
    ("header", "old", "chosen"),
    [
        (None, None, 1),
        ("compute 2.19", None, 19),
        ("COMPUTE 2.19", None, 19),
        ("compute latest", None, NEW),
        (None, "2.7", 7),
        (None, "latest", NEW),
        ("compute 2.100", None, 100),
        ("volume 3.0", None, 1),
        ("volume 3.0, compute 2.5", None, 5),
        ("compute 2.5,volume 3.0", "2.9", 5),
        ("volume 3.0", "2.9", 9),
        ("", None, 1),
    ],
)
def test_chosen(header: str | None, old: str | None, chosen: int) -> None:
    assert choose(header, old, NEW) == chosen


@pytest.mark.parametrize("text", ["2", "2.01", "abc", "2.", ".1", "2.1.1", "-2.1", "02.1", "2. 1x"])
def test_malformed(text: str) -> None:
    with pytest.raises(BadVersion) as caught:
        choose(None, text, NEW)
    assert str(caught.value) == (
        f"API Version String {text} is of invalid format. Must be of format MajorNum.MinorNum."
    )


def test_more_digits_than_a_number_may_have() -> None:
    with pytest.raises(OutOfRange) as caught:
        choose(f"compute 2.{'9' * 5000}", None, NEW)
    assert len(caught.value.wanted) < 30


@pytest.mark.parametrize("text", ["2.0", f"2.{NEW + 1}", "1.5", "3.1", "2.999"])
def test_out_of_range(text: str) -> None:
    with pytest.raises(OutOfRange) as caught:
        choose(f"compute {text}", None, NEW)
    assert caught.value.wanted == text
    assert str(caught.value) == (
        f"Version {text} is not supported by the API. Minimum is 2.1 and maximum is 2.{NEW}."
    )
