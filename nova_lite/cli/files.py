# SPDX-License-Identifier: Apache-2.0
"""Files that the command line names."""

from pathlib import Path

from nova_lite.cli.errors import UsageError


def contents(path: Path) -> bytes:
    """Raises UsageError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
