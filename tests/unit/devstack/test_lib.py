# SPDX-License-Identifier: Apache-2.0
"""The functions of devstack/lib.sh that could harm somebody when they are wrong."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.wait import wait_for

ROOT = Path(__file__).resolve().parents[3]
LIB = ROOT / "devstack" / "lib.sh"
PACKAGES = ROOT / "devstack" / "packages"

Shell = Callable[[str], subprocess.CompletedProcess[str]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs bash text after lib.sh, with a home of its own."""

    def run(text: str) -> subprocess.CompletedProcess[str]:
        script = f"set -euo pipefail\n. {LIB}\nprepare_home\n{text}\n"
        return subprocess.run(
            ["bash", "-c", script, "devstack"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "NOVA_LITE_HOME": str(tmp_path / "home")},
        )

    return run


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_process_is_started_once_and_stopped(shell: Shell) -> None:
    done = shell("start one sleep 300; pid_of one; start one sleep 300; pid_of one")
    first, second = (int(line) for line in done.stdout.split())
    assert first == second
    assert _alive(first)
    assert shell("running one && stop one").returncode == 0
    assert not _alive(first)
    assert shell("running one").returncode == 1


def test_what_a_process_left_in_its_group_ends_with_it(shell: Shell) -> None:
    done = shell(
        "start parent bash -c 'sleep 301 & echo $!; wait'\n"
        "until [ -s $LOG/parent.log ]; do sleep 0.1; done; cat $LOG/parent.log"
    )
    child = int(done.stdout)
    assert _alive(child)
    shell("stop parent")
    wait_for(lambda: not _alive(child), 5, "the child to end")


def test_one_that_ignores_the_signal_is_killed(shell: Shell) -> None:
    done = shell(
        "start deaf bash -c 'trap : TERM; echo ready; while :; do sleep 300; done'\n"
        "until grep -q ready $LOG/deaf.log; do sleep 0.1; done; pid_of deaf; stop deaf 1"
    )
    assert "does not end: killed" in done.stdout
    wait_for(lambda: not _alive(int(done.stdout.split()[0])), 5, "the process to be killed")


def test_a_process_id_that_was_given_to_another_is_left_alone(shell: Shell) -> None:
    bystander = subprocess.Popen(["sleep", "300"], start_new_session=True)
    try:
        done = shell(
            f"echo {bystander.pid} 12345 >$RUN/ours.pid; running ours || echo no; stop ours"
        )
        assert done.stdout == "no\n"
        assert bystander.poll() is None
        assert shell("[ ! -e $RUN/ours.pid ]").returncode == 0
    finally:
        bystander.send_signal(signal.SIGKILL)
        bystander.wait()


def test_start_time_survives_odd_names(shell: Shell, tmp_path: Path) -> None:
    odd = tmp_path / "a) R (b"
    odd.symlink_to("/bin/sleep")
    process = subprocess.Popen([odd, "300"])
    try:
        stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        assert shell(f"started_at {process.pid}").stdout.strip() == stat[19]
    finally:
        process.kill()
        process.wait()
    assert shell(f"started_at {process.pid}").stdout == ""


def test_failed_background_work_ends_the_script_with_its_output(shell: Shell) -> None:
    done = shell(
        "background good true; join good\nbackground bad ls /no-such-place; join bad; echo on"
    )
    assert done.returncode == 1
    assert "no-such-place" in done.stderr
    assert "bad failed" in done.stderr
    assert "on" not in done.stdout.split()


def test_background_work_ends_with_the_script(shell: Shell) -> None:
    done = shell(
        "trap end_jobs EXIT\n"
        "background slow bash -c 'sleep 302 & echo $!; wait'\n"
        "until [ -s $LOG/slow.log ]; do sleep 0.1; done; cat $LOG/slow.log; exit 3"
    )
    assert done.returncode == 3
    wait_for(lambda: not _alive(int(done.stdout)), 5, "the work to end")


def test_servers_started_in_the_background_go_on(shell: Shell) -> None:
    done = shell(
        "trap end_jobs EXIT\nbackground job start server sleep 303\njoin job\npid_of server"
    )
    assert _alive(int(done.stdout))
    shell("stop server")


def test_waiting_ends(shell: Shell) -> None:
    done = shell("wait_until 1 'the impossible' false; echo on")
    assert done.returncode == 1
    assert "waited too long for the impossible" in done.stderr


def test_package_list_is_read_by_section(shell: Shell) -> None:
    lines = PACKAGES.read_text().splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name) for name in names)
    assert len(names) == len(set(names)), "a package belongs to one section"
    sections = re.findall(r"^# \[(\w+)\]", PACKAGES.read_text(), re.MULTILINE)
    assert shell(f"packages_of {' '.join(sections)}").stdout.split() == names
    assert "postgresql" not in shell("packages_of python image").stdout.split()


def test_unknown_packages_are_missing(shell: Shell, tmp_path: Path) -> None:
    listed = tmp_path / "packages"
    listed.write_text("# [x] why\ndpkg\nno-such-package-here\n")
    done = shell(f"DEVSTACK={tmp_path}; missing_packages x")
    assert done.returncode == 0
    assert done.stdout.split() == ["no-such-package-here"]


def test_only_a_folder_that_was_empty_is_marked_as_ours(shell: Shell, tmp_path: Path) -> None:
    assert shell("[ -e $MARKER ]").returncode == 0
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter").write_text("mine")
    down = ROOT / "devstack" / "down"
    done = subprocess.run(
        [down, "--purge"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NOVA_LITE_HOME": str(full)},
    )
    assert done.returncode == 1
    assert (full / "letter").read_text() == "mine"


def test_folders_above_come_topmost_first(shell: Shell) -> None:
    assert shell("folders_above /a/b/c").stdout.split() == ["/", "/a", "/a/b"]
