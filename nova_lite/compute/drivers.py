# SPDX-License-Identifier: Apache-2.0
"""The driver that compute_driver names, and how its methods are called."""

import importlib
from collections.abc import Callable
from importlib import metadata
from typing import Any, TypeVar, cast

from nova_lite.base import concurrency
from nova_lite.domain import errors
from nova_lite.virt.driver import Driver

T = TypeVar("T")

OPTION = "compute_driver"
GROUP = "nova_lite.virt.drivers"


def load_driver(conf: Any) -> Driver:
    """A new driver, not started. Raises ConfigurationError.

    `fake.FakeDriver` and `libvirt.LibvirtDriver` are the names that operators know; the name
    of an entry point or a dotted path will do too.
    """
    name = conf.compute_driver
    points = {point.name: point for point in metadata.entry_points(group=GROUP)}
    known = {f"{key}.{point.attr}": point for key, point in points.items()} | points
    if not name:
        choices = " or ".join(sorted(key for key in known if "." in key))
        raise errors.ConfigurationError(option=OPTION, reason=f"is not set; use {choices}")
    try:
        made = known[name].load() if name in known else _by_path(name)
    except (ImportError, AttributeError, ValueError) as error:
        raise errors.ConfigurationError(
            option=OPTION, reason=f"{name} cannot be loaded: {error}"
        ) from error
    return cast(Driver, made(conf))


def _by_path(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def call(driver: Driver, fn: Callable[..., T], *args: Any) -> T:
    """Call a method of this driver, or of a group of its, so that nobody else has to wait."""
    if driver.blocking:
        return concurrency.native(fn, *args)
    return fn(*args)
