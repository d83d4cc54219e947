# SPDX-License-Identifier: Apache-2.0
"""The end of a console log."""

import os
from pathlib import Path

import pytest

from nova_lite.domain.errors import ConsoleLogUnavailable
from nova_lite.virt.libvirt import console
from tests.fixtures.servers import make_instance


@pytest.mark.parametrize(
    ("text", "length", "found"),
    [
        ("a\nb\nc\n", None, "a\nb\nc\n"),
        ("a\nb\nc\n", -1, "a\nb\nc\n"),
        ("a\nb\nc\n", 2, "b\nc\n"),
        ("a\nb\nc", 2, "b\nc"),
        ("a\nb\nc\n", 9, "a\nb\nc\n"),
        ("a\nb\nc\n", 0, ""),
        ("", 5, ""),
        ("a\r\nb\rb\r\nlogin: ", 2, "b\rb\r\nlogin: "),
        ("a\0b\n", None, "ab\n"),
    ],
)
def test_last_lines(text: str, length: int | None, found: str) -> None:
    assert console.last_lines(text, length) == found


def test_older_parts_come_first(tmp_path: Path) -> None:
    (tmp_path / "console.log").write_bytes(b"three\n")
    (tmp_path / "console.log.0").write_bytes(b"two\n")
    (tmp_path / "console.log.1").write_bytes(b"one\n")
    (tmp_path / "console.log.3").write_bytes(b"not in line\n")
    assert console.read_back(tmp_path) == b"one\ntwo\nthree\n"


def test_it_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "console.log").write_bytes(b"x" * (console.MAX_BYTES - 3))
    (tmp_path / "console.log.0").write_bytes(b"y" * 100)
    assert console.read_back(tmp_path) == b"yyy" + b"x" * (console.MAX_BYTES - 3)
    (tmp_path / "console.log").write_bytes(b"a" + b"x" * console.MAX_BYTES)
    assert console.read_back(tmp_path) == b"x" * console.MAX_BYTES


def test_links_are_not_followed(tmp_path: Path) -> None:
    os.symlink("/etc/passwd", tmp_path / "console.log")
    with pytest.raises(ConsoleLogUnavailable):
        console.read_back(tmp_path)


def test_a_server_without_files_here(tmp_path: Path) -> None:
    with pytest.raises(ConsoleLogUnavailable, match="no files"):
        console.LibvirtConsoleLog(tmp_path).console_output(make_instance(), None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_log_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "console.log").touch(mode=0)
    with pytest.raises(ConsoleLogUnavailable, match="may not be read"):
        console.read_back(tmp_path)
