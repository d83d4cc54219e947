# SPDX-License-Identifier: Apache-2.0
"""Folders for the service and the emulator alone: tried by other users."""

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from nova_lite.virt.libvirt import options
from nova_lite.virt.libvirt.disk import access

EMULATOR, OTHER = 64055, 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """With a file in it; other users get so far."""
    with tempfile.TemporaryDirectory(prefix="access-") as made:
        Path(made).chmod(0o711)
        inner = Path(made) / "images"
        inner.mkdir(mode=0o755)
        (inner / "image").write_text("secret")
        yield inner


@pytest.fixture
def lists(folder: Path) -> None:
    try:
        os.setxattr(folder, access.ATTRIBUTE, access._list({EMULATOR}))
    except OSError as error:
        assert error.errno == errno.ENOTSUP
        pytest.skip("no access control lists here")
    os.removexattr(folder, access.ATTRIBUTE)
    folder.chmod(0o755)


def mode_of(folder: Path) -> int:
    return folder.stat().st_mode & 0o777


def can(user: int, *command: str) -> bool:
    """Whether this user, without any group or right, can do that."""
    ids = {"user": user, "group": OTHER, "extra_groups": []}
    done = subprocess.run(command, capture_output=True, check=False, **ids)  # type: ignore[call-overload]
    return bool(done.returncode == 0)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be others")


@needs_root
@pytest.mark.usefixtures("lists")
def test_the_emulator_gets_in_and_nobody_else(folder: Path) -> None:
    assert can(OTHER, "cat", str(folder / "image"))
    assert access.close(folder, EMULATOR)
    assert can(EMULATOR, "cat", str(folder / "image"))
    assert not can(EMULATOR, "ls", str(folder))
    assert not can(OTHER, "cat", str(folder / "image"))
    assert mode_of(folder) == 0o710


@needs_root
@pytest.mark.usefixtures("lists")
def test_the_emulator_of_another_host_stays_let_in(folder: Path) -> None:
    access.close(folder, EMULATOR)
    access.close(folder, EMULATOR + 1)
    access.close(folder, os.geteuid())
    assert can(EMULATOR, "cat", str(folder / "image"))
    assert can(EMULATOR + 1, "cat", str(folder / "image"))
    assert not can(OTHER, "cat", str(folder / "image"))


@needs_root
@pytest.mark.usefixtures("lists")
def test_whether_somebody_may_enter(folder: Path) -> None:
    """As it is told is as it is."""
    access.close(folder, EMULATOR)
    for user in (EMULATOR, OTHER):
        assert access.may_enter(folder, user) is can(user, "cat", str(folder / "image"))
    folder.chmod(0o700)  # closes the list, too
    assert access.may_enter(folder, EMULATOR) is can(EMULATOR, "cat", str(folder / "image"))


def test_an_emulator_that_is_ourselves(folder: Path) -> None:
    assert access.close(folder, os.geteuid())
    assert mode_of(folder) == 0o700
    assert access.may_enter(folder, os.geteuid()) and not access.may_enter(folder, OTHER)


def test_an_emulator_that_nobody_knows(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It has to get in, whoever it is; nobody looks around."""
    options.close_folders([folder, folder / "new"], None)
    assert mode_of(folder) == mode_of(folder / "new") == access.PASS_THROUGH
    assert len(caplog.records) == 2


def test_a_file_system_without_lists(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "setxattr", refuse)
    options.close_folders([folder], EMULATOR)
    assert mode_of(folder) == access.PASS_THROUGH
    assert "no access control lists" in caplog.text


def test_a_folder_that_cannot_be_made(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Is no reason not to start: whoever needs it says so."""
    options.close_folders([folder / "image" / "x"], EMULATOR)
    assert "Not a directory" in caplog.text
