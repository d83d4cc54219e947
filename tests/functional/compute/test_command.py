# SPDX-License-Identifier: Apache-2.0
"""The daemons as processes, where their configuration is wrong: one line, exit code 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nova_lite.base import concurrency
from nova_lite.cmd.startup import DEFAULT_FILE, config_files


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        ([], [DEFAULT_FILE]),
        (["--debug"], [DEFAULT_FILE]),
        (["--config-file", "a"], ["a"]),
        (["--config-file=a", "--debug", "--config-file", "b"], ["a", "b"]),
        (["--config-file"], [DEFAULT_FILE]),
    ],
)
def test_the_files_that_are_named(arguments: list[str], files: list[str]) -> None:
    assert config_files(arguments) == files


def run(module: str, folder: Path, text: str, **variables: str) -> tuple[int, list[str]]:
    """The exit code, and the lines on stderr."""
    config = folder / "nova.conf"
    config.write_text(f"[DEFAULT]\ntransport_url = memory://\nhost = h1\n{text}\n")
    ended = subprocess.run(
        [sys.executable, "-m", f"nova_lite.cmd.{module}", "--config-file", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **variables},
    )
    return ended.returncode, ended.stderr.splitlines()


@pytest.mark.parametrize(
    ("module", "text", "words"),
    [
        ("compute", "", "Option compute_driver: is not set"),
        ("compute", "compute_driver = fake.FakeDriver\n[image]\nbackend = x", "[image] backend: x"),
        ("scheduler", "[filter_scheduler]\nenabled_filters = X", "X is not known"),
        ("scheduler", "concurrency_backend = fast", "concurrency_backend: 'fast'"),
    ],
)
def test_a_wrong_option_is_one_line(tmp_path: Path, module: str, text: str, words: str) -> None:
    variables = {} if "concurrency" not in text else {concurrency.ENVIRONMENT: ""}
    code, lines = run(module, tmp_path, text, **variables)
    assert code == 1
    said = [line for line in lines if line.startswith(f"nova-lite-{module}: ")]
    assert len(said) == 1 and words in said[0]
