# SPDX-License-Identifier: Apache-2.0
"""A socket goes from one process to another through a folder, however deep it is."""

import os
import socket
from pathlib import Path

import pytest

from nova_lite.network import handover

LONGEST_NAME = 255  # bytes of one folder's


@pytest.mark.parametrize("deep", [0, 1, 8])
def test_a_listener_is_handed_over(tmp_path: Path, deep: int) -> None:
    folder = tmp_path.joinpath(*["f" * LONGEST_NAME] * deep)
    folder.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = listener.getsockname()
        descriptor = handover.take(folder, lambda path: handover.give(path, listener))
    with socket.socket(fileno=descriptor) as taken, socket.create_connection(there, 10):
        accepted, _ = taken.accept()
        accepted.close()
    assert os.listdir(folder) == []


def test_what_a_killed_process_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / handover.NAME).touch()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        os.close(handover.take(tmp_path, lambda path: handover.give(path, listener)))


def test_a_sender_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: str) -> None:
        raise ConnectionError(path)

    with pytest.raises(ConnectionError):
        handover.take(tmp_path, fail)
    assert os.listdir(tmp_path) == []
