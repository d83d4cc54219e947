# SPDX-License-Identifier: Apache-2.0
"""What the paste factories are given: paste's own arguments are strings only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nova_lite.base import concurrency


@dataclass(frozen=True)
class Parts:
    """The configuration and the RPC clients of the API that is being put together."""

    conf: Any
    clients: Any


_lock = concurrency.RLock()
_parts: Parts | None = None


@contextmanager
def using(parts: Parts) -> Iterator[None]:
    """Factories called inside find these parts. One assembly at a time."""
    global _parts
    with _lock:
        before, _parts = _parts, parts
        try:
            yield
        finally:
            _parts = before


def parts() -> Parts:
    """The parts of the assembly that is going on. RuntimeError outside of one."""
    if _parts is None:
        raise RuntimeError("pipelines are put together by nova_lite.api.wsgi.build only")
    return _parts
