# SPDX-License-Identifier: Apache-2.0
"""Whole files and locks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nova_lite.base import concurrency, files


def test_write_whole_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "a"
    files.write_whole(path, "one")
    files.write_whole(path, "two", 0o600)
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["a"]


def test_a_failed_write_leaves_the_old_text(tmp_path: Path) -> None:
    path = tmp_path / "a"
    files.write_whole(path, "one")
    with pytest.raises(UnicodeEncodeError):
        files.write_whole(path, "two \udc80")
    assert path.read_text() == "one"
    assert os.listdir(tmp_path) == ["a"]


def test_a_lock_keeps_others_out_in_this_process(tmp_path: Path) -> None:
    first, second = (files.FileLock(tmp_path / "l") for _ in range(2))
    with first:
        assert not second.try_acquire()
        assert not second.acquire(timeout=0.05)
    assert second.acquire(timeout=5)
    second.release()


def test_a_lock_keeps_other_processes_out_and_ends_with_them(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from nova_lite.base.files import FileLock\n"
        f"lock = FileLock(Path({str(tmp_path / 'l')!r})); lock.acquire()\n"
        "print('got', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None and holder.stdout.readline() == "got\n"
        lock = files.FileLock(tmp_path / "l")
        assert not lock.try_acquire()
        holder.kill()
        holder.wait()
        assert lock.acquire(timeout=10)
        lock.release()
    finally:
        holder.kill()
        holder.communicate()


def test_the_file_may_be_removed_while_others_wait(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        lock = files.FileLock(tmp_path / "l")
        for _ in range(20):
            lock.acquire()
            inside.append(number)
            most.append(len(inside))
            concurrency.yield_now()
            inside.remove(number)
            lock.release(remove=True)

    for task in [concurrency.spawn(work, n) for n in range(4)]:
        task.wait(60)
    assert max(most) == 1
    assert not (tmp_path / "l").exists()


def test_taking_it_twice_is_a_mistake(tmp_path: Path) -> None:
    with files.FileLock(tmp_path / "l") as lock, pytest.raises(RuntimeError):
        lock.try_acquire()
