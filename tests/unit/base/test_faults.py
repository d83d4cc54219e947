# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path

import pytest

from nova_lite.base import clock
from nova_lite.base.faults import Fault, Faults
from nova_lite.domain import errors


class Failed(Exception):
    pass


class Aborted(Exception):
    pass


def meet(faults: Faults, call: str = "spawn", **more: str) -> str:
    try:
        faults.meet(call, fail=Failed, abort=Aborted, **more)
    except (Failed, Aborted) as error:
        return type(error).__name__
    return "ok"


def test_nothing_is_wrong_until_asked_for() -> None:
    assert meet(Faults()) == "ok"


def test_the_next_calls_fail() -> None:
    faults = Faults()
    faults.fail("spawn", times=2, after=1)
    faults.abort("destroy")
    assert [meet(faults) for _ in range(5)] == ["ok", "Failed", "Failed", "ok", "ok"]
    assert [meet(faults, "destroy") for _ in range(2)] == ["Aborted", "ok"]


def test_no_times_means_for_ever_until_cleared() -> None:
    faults = Faults()
    faults.fail("spawn", times=0)
    assert {meet(faults) for _ in range(10)} == {"Failed"}
    faults.clear()
    assert meet(faults) == "ok"


def test_a_fault_can_be_for_one_host_or_one_server() -> None:
    faults = Faults()
    faults.arm(Fault(call="spawn", host="h1", uuid="u1"))
    assert meet(faults, host="h2", uuid="u1") == "ok"
    assert meet(faults, host="h1", uuid="u2") == "ok"
    assert meet(faults, host="h1", uuid="u1") == "Failed"


def test_hanging_takes_time(manual_clock: clock.ManualClock) -> None:
    faults = Faults()
    faults.hang("spawn", 5)
    began = manual_clock.monotonic()
    assert meet(faults) == "ok"
    assert manual_clock.monotonic() - began == 5


def test_a_crash_ends_the_process() -> None:
    ended = []
    faults = Faults(crash=lambda: ended.append(True))
    faults.crash("spawn", after=1)
    meet(faults)
    assert not ended
    meet(faults)
    assert ended == [True]


def test_the_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    faults = Faults(file)
    assert meet(faults) == "ok"
    file.write_text('[{"call": "spawn"}, {"call": "spawn", "do": "abort", "after": 1}]')
    assert [meet(faults) for _ in range(3)] == ["Failed", "Aborted", "ok"]
    file.write_text('[{"call": "spawn", "times": 1}]')
    os.utime(file, ns=(1, 1))
    assert meet(faults) == "Failed"
    file.unlink()
    assert meet(faults) == "ok"


@pytest.mark.parametrize("text", ["{", '[{"call": "spawn", "oops": 1}]', '[{"do": "fail"}]'])
def test_a_wrong_file_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(text)
    with pytest.raises(errors.ConfigurationError, match="faults_file"):
        meet(Faults(file))
