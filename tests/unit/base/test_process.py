# SPDX-License-Identifier: Apache-2.0
"""Running other programs."""

import pytest

from nova_lite.base import process


def test_output_comes_back() -> None:
    assert process.run(["printf", "%s", "$HOME; `id`"], timeout=30) == "$HOME; `id`"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["no-such-program-here"], "is not installed"),
        (["sh", "-c", "echo that went wrong >&2; exit 3"], "that went wrong"),
        (["sh", "-c", "exit 3"], "exited with 3"),
    ],
)
def test_failures_are_one_line(command: list[str], reason: str) -> None:
    with pytest.raises(process.CommandError) as caught:
        process.run(command, timeout=30)
    assert str(caught.value) == f"{command[0]}: {reason}"
    assert caught.value.missing == (reason == "is not installed")


def test_a_program_that_does_not_end_is_ended() -> None:
    with pytest.raises(process.CommandError, match="did not end within"):
        process.run(["sleep", "60"], timeout=0.2)


def test_limits() -> None:
    with pytest.raises(process.CommandError, match="limit"):
        process.run(["sh", "-c", "while :; do :; done"], timeout=60, cpu_seconds=1)
    with pytest.raises(process.CommandError):
        process.run(
            ["dd", "if=/dev/zero", "of=/dev/null", "bs=1G", "count=1"],
            timeout=60,
            address_space=64 << 20,
        )
    assert process.run(["true"], timeout=60, cpu_seconds=1, address_space=1 << 30) == ""
