# SPDX-License-Identifier: Apache-2.0
"""Who this host is, kept where its servers are: `compute_id` holds the uuid of its node.

A host that is renamed, or whose state folder was lost or copied, would be a new host to
everybody else, and its servers would belong to nobody. So it does not start.
"""

import uuid
from collections.abc import Sequence
from pathlib import Path

from nova_lite.base import files
from nova_lite.domain import errors
from nova_lite.domain.host import ComputeNode

FILE = "compute_id"
OPTION = "host"


def path_of(state_path: Path, host: str, *, alone: bool) -> Path:
    """Where the identity is; hosts that share a process have a file each."""
    return state_path / (FILE if alone else f"{FILE}-{host}")


def read(path: Path) -> str | None:
    """The uuid in the file, None where there is none. Raises ConfigurationError."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise errors.ConfigurationError(
            option="state_path", reason=f"{path} holds no uuid, but {text[:50]!r}"
        ) from error


def write(path: Path, node_uuid: str) -> None:
    """Raises ConfigurationError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_whole(path, f"{node_uuid}\n")
    except OSError as error:
        raise _unusable(path, error) from error


def check(
    path: Path, found: str | None, host: str, node: str, known: Sequence[ComputeNode]
) -> None:
    """Compare the file's uuid with the nodes that the conductor knows of this host, and under
    this uuid. Raises ConfigurationError, which says what to do."""
    here = [one for one in known if one.host == host and one.report.hypervisor_hostname == node]
    if found is None:
        if here:
            raise errors.ConfigurationError(
                option="state_path",
                reason=f"{path} is missing, but this host is known already as {here[0].uuid}; "
                f"write that uuid into the file, or delete the compute service of {host} first",
            )
        return
    elsewhere = [one for one in known if one.uuid == found and one.host != host]
    if elsewhere:
        raise errors.ConfigurationError(
            option=OPTION,
            reason=f"this host is {host}, but {path} says that it is {elsewhere[0].host}; "
            f"a host must not be renamed, nor its state folder copied",
        )
    others = [one for one in here if one.uuid != found]
    if others:
        raise errors.ConfigurationError(
            option="state_path",
            reason=f"{path} says {found}, but {host} is known as {others[0].uuid}; "
            f"write that uuid into the file, or delete the compute service of {host} first",
        )


def _unusable(path: Path, error: OSError) -> errors.ConfigurationError:
    return errors.ConfigurationError(
        option="state_path", reason=f"{path}: {error.strerror or error}"
    )
